import { canonicalName, canonicalString } from '#oci';
import type { PushNarrowed } from '#wire';
import { defineCommand } from '../command.ts';
import { namedReference } from '../named-reference.ts';
import { platformQuery } from '../platform-query.ts';
import { progressFlag, progressMode } from '../progress-flag.ts';
import { showProgress } from '../progress.ts';
import { authHeader } from '../registry-auth.ts';
import { requireApi } from '../require-api.ts';

/** docker/cli command/image/push.go prints this above what it pushes. */
const platformNote = `
 Info -> Using --platform pushes only the specified platform manifest of a multi-platform image index.
         Other components, like attestations, will not be included.
         To push the complete multi-platform image, remove the --platform flag.
         
`;

export const push = defineCommand({
  name: 'push',
  shortcut: 'push',
  common: 6,
  usage: '[OPTIONS] NAME[:TAG]',
  short: 'Upload an image to a registry',
  examples: ['push 127.0.0.1:5000/team/app:v1'],
  words: 'images',
  flags: {
    'all-tags': { type: 'boolean', short: 'a', usage: 'Push all tags of an image to the repository' },
    'disable-content-trust': { type: 'boolean', default: true, usage: 'Skip image signing' },
    platform: {
      type: 'string',
      usage: [
        'Push a platform-specific manifest as a single-platform image to the registry.',
        "Image index won't be pushed, meaning that other manifests, including attestations won't be preserved.",
        "'os[/arch[/variant]]': Explicit platform (eg. linux/amd64)",
      ].join('\n'),
    },
    progress: progressFlag,
    quiet: { type: 'boolean', short: 'q', usage: 'Suppress verbose output' },
  },
  arity: { min: 1, max: 1 },
  async run(invocation) {
    const { io, args, flags, engine, signal } = invocation;
    const mode = progressMode(flags);
    const quiet = mode === 'json' || mode === 'quiet';
    const reference = namedReference(args[0] ?? '', { allTags: flags.allTags, quiet }, io);
    if (flags.platform !== '' && mode !== 'json') io.stdout.write(platformNote);
    const client = await engine();
    if (flags.platform !== '') requireApi(client, '1.46', '--platform');
    const answer = await client.request({
      method: 'POST',
      path: `/images/${canonicalName(reference)}/push`,
      query: { tag: reference.digest ?? reference.tag, ...platformQuery(flags.platform) },
      headers: await authHeader(invocation, reference),
      signal,
    });
    const notes: string[] = [];
    const onAux = (aux: unknown) => {
      if (isNarrowed(aux)) notes.push(narrowedNote(aux));
    };
    await showProgress(io, answer.messages(), { mode, onAux });
    if (!quiet) io.stdout.write(notes.join(''));
    if (mode === 'quiet') io.stdout.write(`${canonicalString(reference)}\n`);
    return undefined;
  },
});

function isNarrowed(aux: unknown): aux is PushNarrowed {
  return (aux as Partial<PushNarrowed> | null)?.manifestPushedInsteadOfIndex === true;
}

/** docker/cli command/image/push.go prints this below what it pushed. */
function narrowedNote({ originalIndex, selectedManifest }: PushNarrowed): string {
  return `
 Info -> Not all multiplatform-content is present and only the available single-platform image was pushed
         ${originalIndex.digest} -> ${selectedManifest.digest}
`;
}
