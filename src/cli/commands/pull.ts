import { canonicalName, canonicalString } from '#oci';
import { defineCommand } from '../command.ts';
import { namedReference } from '../named-reference.ts';
import { progressFlag, progressMode } from '../progress-flag.ts';
import { showProgress } from '../progress.ts';
import { authHeader } from '../registry-auth.ts';

export const pull = defineCommand({
  name: 'pull',
  shortcut: 'pull',
  common: 5,
  usage: '[OPTIONS] NAME[:TAG|@DIGEST]',
  short: 'Download an image from a registry',
  examples: [
    'pull nginx',
    'pull --platform linux/arm64 127.0.0.1:5000/team/app:v1',
    'pull --progress json nginx',
  ],
  words: 'images',
  flags: {
    'all-tags': { type: 'boolean', short: 'a', usage: 'Download all tagged images in the repository' },
    'disable-content-trust': { type: 'boolean', default: true, usage: 'Skip image verification' },
    platform: { type: 'string', usage: 'Set platform if server is multi-platform capable' },
    progress: progressFlag,
    quiet: { type: 'boolean', short: 'q', usage: 'Suppress verbose output' },
  },
  arity: { min: 1, max: 1 },
  async run(invocation) {
    const { io, args, flags, engine, signal } = invocation;
    const mode = progressMode(flags);
    const quiet = mode === 'json' || mode === 'quiet';
    const reference = namedReference(args[0] ?? '', { allTags: flags.allTags, quiet }, io);
    const client = await engine();
    const answer = await client.request({
      method: 'POST',
      path: '/images/create',
      query: {
        fromImage: canonicalName(reference),
        tag: reference.digest ?? reference.tag,
        platform: flags.platform || io.env['DOCKER_DEFAULT_PLATFORM'],
      },
      headers: await authHeader(invocation, reference),
      signal,
    });
    await showProgress(io, answer.messages(), { mode });
    if (mode !== 'json') io.stdout.write(`${canonicalString(reference)}\n`);
    return undefined;
  },
});
