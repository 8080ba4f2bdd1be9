import { parseReference } from '#oci';
import { defineCommand, type Invocation } from '../command.ts';
import { readInputFile } from '../input-file.ts';
import { progressFlag, progressMode } from '../progress-flag.ts';
import { showProgress } from '../progress.ts';

export const importImage = defineCommand({
  name: 'import',
  shortcut: 'import',
  usage: '[OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
  short: 'Import the contents from a tarball to create a filesystem image',
  examples: ['import rootfs.tar.gz team/base:1', `import --change 'CMD ["sh"]' - base < rootfs.tar`],
  flags: {
    change: { type: 'list', short: 'c', usage: 'Apply Dockerfile instruction to the created image' },
    message: { type: 'string', short: 'm', usage: 'Set commit message for imported image' },
    platform: { type: 'string', usage: 'Set platform if server is multi-platform capable' },
    progress: progressFlag,
  },
  arity: { min: 1, max: Infinity },
  async run({ io, args: [source = '', repository], flags, engine, signal }) {
    if (repository !== undefined) parseReference(repository);
    const body = await openSource(io, source);
    const client = await engine();
    const answer = await client.request({
      method: 'POST',
      path: '/images/create',
      query: {
        fromSrc: body === undefined ? source : '-',
        repo: repository,
        message: flags.message || undefined,
        changes: flags.change,
        platform: flags.platform || io.env['DOCKER_DEFAULT_PLATFORM'],
      },
      ...(body !== undefined && { body }),
      signal,
    });
    const mode = progressMode(flags);
    // Quiet still tells what was made, which is the last word of the stream.
    if (mode === 'quiet') await showProgress(io, lastOf(answer.messages()), { mode: 'plain' });
    else await showProgress(io, answer.messages(), { mode });
    return undefined;
  },
});

async function* lastOf<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  let last: { item: T } | undefined;
  for await (const item of items) last = { item };
  if (last !== undefined) yield last.item;
}

/** The archive's bytes; undefined when the daemon fetches it. */
async function openSource(
  io: Invocation['io'],
  source: string,
): Promise<AsyncIterable<Uint8Array> | undefined> {
  if (/^https?:\/\//.test(source)) return undefined;
  return source === '-' ? (io.stdin as AsyncIterable<Uint8Array>) : readInputFile(io, source);
}
