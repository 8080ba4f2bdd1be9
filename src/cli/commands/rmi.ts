import { findError } from '#errors';
import type { ImageDeleted } from '#wire';
import { defineCommand } from '../command.ts';
import { errorText } from '../error-text.ts';
import { platformJson } from '../platform-query.ts';
import { requireApi } from '../require-api.ts';

export const rmi = defineCommand({
  name: 'rm',
  aliases: ['remove'],
  shortcut: 'rmi',
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  short: 'Remove one or more images',
  examples: ['rmi nginx:1.27', 'rmi $(gantry images --quiet --filter dangling=true)'],
  words: 'images',
  flags: {
    force: { type: 'boolean', short: 'f', usage: 'Force removal of the image' },
    'no-prune': { type: 'boolean', usage: 'Do not delete untagged parents' },
    platform: {
      type: 'strings',
      usage:
        'Remove only the given platform variant. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    },
  },
  arity: { min: 1, max: Infinity },
  async run({ io, args, flags, engine, signal }) {
    const client = await engine();
    if (flags.platform.length > 0) requireApi(client, '1.50', '--platform');
    const problems: string[] = [];
    let failed = false;
    for (const name of args) {
      try {
        const answer = await client.request({
          method: 'DELETE',
          path: `/images/${name}`,
          query: {
            force: flags.force ? 1 : undefined,
            noprune: flags.noPrune ? 1 : undefined,
            platforms: flags.platform.map(platformJson),
          },
          signal,
        });
        io.stdout.write(removalLines((await answer.json()) as readonly ImageDeleted[]));
      } catch (error) {
        if (findError(error, { code: 'daemon-error' }) === undefined) throw error;
        problems.push(errorText(error));
        // With --force, what is gone already is as it should be.
        failed ||= !(flags.force && findError(error, { kind: 'not-found' }) !== undefined);
      }
    }
    if (problems.length > 0) io.stderr.write(`${problems.join('\n')}\n`);
    return failed ? 1 : 0;
  },
});

/** What a removal did, a line each. */
function removalLines(removals: readonly ImageDeleted[]): string {
  return removals
    .map((each) => ('Deleted' in each ? `Deleted: ${each.Deleted}\n` : `Untagged: ${each.Untagged}\n`))
    .join('');
}
