import { encodeFilters, type ImageSummary } from '#wire';
import { defineCommand } from '../command.ts';
import { formatRows, type Listing } from '../format.ts';
import { listFormatUsage } from '../format-usage.ts';
import { imageColumns, imageRows, type ImageRow } from '../image-rows.ts';
import { nearest } from '../suggest.ts';

export const images = defineCommand({
  name: 'ls',
  aliases: ['list'],
  shortcut: 'images',
  common: 7,
  usage: '[OPTIONS] [REPOSITORY[:TAG]]',
  short: 'List images',
  examples: ['images', 'images nginx', "images --filter dangling=true --format '{{.ID}}'"],
  words: 'images',
  flags: {
    all: { type: 'boolean', short: 'a', usage: 'Show all images (default hides intermediate images)' },
    digests: { type: 'boolean', usage: 'Show digests' },
    filter: { type: 'filter', short: 'f', usage: 'Filter output based on conditions provided' },
    format: { type: 'string', usage: listFormatUsage },
    'no-trunc': { type: 'boolean', usage: "Don't truncate output" },
    quiet: { type: 'boolean', short: 'q', usage: 'Only show image IDs' },
  },
  arity: { min: 0, max: 1 },
  async run({ io, args: [name], flags, engine, signal }) {
    const filters = name === undefined ? flags.filter : withReference(flags.filter, name);
    const answer = await (
      await engine()
    ).request({
      method: 'GET',
      path: '/images/json',
      query: {
        all: flags.all ? 1 : undefined,
        filters:
          Object.keys(filters).length === 0 ? undefined : encodeFilters(new Map(Object.entries(filters))),
      },
      signal,
    });
    const found = (await answer.json()) as readonly ImageSummary[];
    const digests = flags.digests || flags.format.includes('{{.Digest}}');
    const rows = found.flatMap((image) => imageRows(image, digests));
    io.stdout.write(formatRows(rows, listing(flags), { format: flags.format, quiet: flags.quiet }));
    if (found.length === 0 && name !== undefined) {
      const verb = nearest(name, ['ls', 'list', 'rm', 'inspect', 'pull', 'push', 'prune']);
      if (verb === name) {
        io.stderr.write(`\nNo images found matching "${name}": did you mean "gantry image ${name}"?\n`);
      }
    }
    return undefined;
  },
});

type Filters = Readonly<Record<string, readonly string[]>>;

function withReference(filters: Filters, name: string): Filters {
  return { ...filters, reference: [...(filters['reference'] ?? []), name] };
}

/** docker/cli command/formatter/image.go */
function listing({ digests, noTrunc }: { digests: boolean; noTrunc: boolean }): Listing<ImageRow> {
  return {
    typeName: '*formatter.imageContext',
    columns: imageColumns(noTrunc),
    table: `{{.Repository}}\\t{{.Tag}}\\t${digests ? '{{.Digest}}\\t' : ''}{{.ID}}\\t{{.CreatedSince}}\\t{{.Size}}`,
    raw: [
      ...['repository: {{.Repository}}', 'tag: {{.Tag}}'],
      ...(digests ? ['digest: {{.Digest}}'] : []),
      ...['image_id: {{.ID}}', 'created_at: {{.CreatedAt}}', 'virtual_size: {{.Size}}', ''],
    ].join('\\n'),
    quiet: '{{.ID}}',
  };
}
