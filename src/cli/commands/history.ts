import type { HistoryItem } from '#wire';
import { defineCommand } from '../command.ts';
import { ellipsis } from '../ellipsis.ts';
import { formatRows, type Listing } from '../format.ts';
import { listFormatUsage } from '../format-usage.ts';
import { platformQuery } from '../platform-query.ts';
import { requireApi } from '../require-api.ts';
import { goTime, shownId, timeAgo } from '../time-words.ts';
import { humanSizeWithPrecision } from '../units.ts';

export const history = defineCommand({
  name: 'history',
  shortcut: 'history',
  usage: '[OPTIONS] IMAGE',
  short: 'Show the history of an image',
  examples: ['history nginx', "history --no-trunc --format '{{.CreatedBy}}' nginx"],
  words: 'images',
  flags: {
    format: { type: 'string', usage: listFormatUsage },
    human: {
      type: 'boolean',
      short: 'H',
      default: true,
      usage: 'Print sizes and dates in human readable format',
    },
    'no-trunc': { type: 'boolean', usage: "Don't truncate output" },
    platform: {
      type: 'string',
      usage: 'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    },
    quiet: { type: 'boolean', short: 'q', usage: 'Only show image IDs' },
  },
  arity: { min: 1, max: 1 },
  async run({ io, args: [name = ''], flags, engine, signal }) {
    const client = await engine();
    if (flags.platform !== '') requireApi(client, '1.48', '--platform');
    const answer = await client.request({
      method: 'GET',
      path: `/images/${name}/history`,
      query: platformQuery(flags.platform),
      signal,
    });
    const items = (await answer.json()) as readonly HistoryItem[];
    io.stdout.write(formatRows(items, listing(flags), { format: flags.format, quiet: flags.quiet }));
    return undefined;
  },
});

/** As many cells of a step's command as docker shows. */
const shownCommand = 45;

/** Go prints times of before this day as unknown (docker/cli command/image/formatter_history.go). */
const epoch = Date.UTC(2000, 0, 1) / 1000;

function listing({ human, noTrunc }: { human: boolean; noTrunc: boolean }): Listing<HistoryItem> {
  return {
    typeName: '*image.historyContext',
    columns: {
      ID: { header: 'IMAGE', value: ({ Id }) => shownId(Id, noTrunc) },
      CreatedSince: {
        header: human ? 'CREATED' : 'CREATED AT',
        value: ({ Created }) => {
          if (!human) return rfc3339(Created);
          return Created <= epoch ? 'N/A' : timeAgo(Created);
        },
      },
      CreatedAt: { header: 'CREATED AT', value: ({ Created }) => rfc3339(Created) },
      CreatedBy: {
        header: 'CREATED BY',
        value: ({ CreatedBy }) => {
          const command = CreatedBy.replaceAll('\t', ' ');
          return noTrunc ? command : ellipsis(command, shownCommand);
        },
      },
      Size: {
        header: 'SIZE',
        value: ({ Size }) => (human ? humanSizeWithPrecision(Size, 3) : String(Size)),
      },
      Comment: { header: 'COMMENT', value: ({ Comment }) => Comment },
    },
    table: '{{.ID}}\\t{{.CreatedSince}}\\t{{.CreatedBy}}\\t{{.Size}}\\t{{.Comment}}',
    quiet: '{{.ID}}',
  };
}

/** docker prints the daemon's second as RFC 3339 in its own zone; UTC is the same everywhere. */
function rfc3339(seconds: number): string {
  return `${goTime(seconds).slice(0, 19).replace(' ', 'T')}Z`;
}
