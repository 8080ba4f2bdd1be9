import path from 'node:path';
import { defineCommand, type Command } from '#cli';
import { GantryError } from '#errors';
import type { MirrorClient } from '#mirror';

/** `gantry mirror config`: prints what makes a client pull through a mirror. */
export const mirrorConfigCommand: Command = defineCommand({
  name: 'config',
  usage: '[OPTIONS] docker|containerd|podman|buildkit',
  short: 'Print the configuration by which a client pulls through a mirror',
  long: 'Prints the configuration by which a client pulls through a mirror, and on stderr the file where it belongs.',
  examples: [
    'mirror config --url http://127.0.0.1:5000 docker',
    'mirror config --url https://mirror.example --mirror-file /etc/gantry/mirror.json containerd',
  ],
  flags: {
    url: { type: 'string', default: 'http://127.0.0.1:5000', usage: 'Where clients reach the mirror' },
    upstream: { type: 'list', usage: 'Domain of a registry that is mirrored (default docker.io)' },
    'mirror-file': { type: 'string', usage: "The mirror's own settings, for the domains that it mirrors" },
    ca: {
      type: 'string',
      usage: "File on the client's machine with the authority of the mirror's certificate",
    },
  },
  arity: { min: 1, max: 1 },
  async run({ io, flags, args: [client = ''] }) {
    const { url, upstream, mirrorFile, ca } = flags;
    const mirrored = mirrorFile === '' ? [] : await domainsIn(path.resolve(io.cwd, mirrorFile));
    const named = [...mirrored, ...upstream];
    const upstreams = named.length > 0 ? [...new Set(named)] : ['docker.io'];
    // No other command should load what it takes to mirror.
    const { clientConfig, mirrorClients } = await import('#mirror');
    const files = clientConfig(requireClient(client, mirrorClients), {
      url,
      upstreams,
      ...(ca !== '' && { ca }),
    });
    for (const [index, file] of files.entries()) {
      // Several files would be one paste: their names stand between them. TOML takes them for comments.
      if (files.length === 1) io.stderr.write(`${file.path}:\n`);
      else io.stdout.write(`${index === 0 ? '' : '\n'}# ${file.path}\n`);
      io.stdout.write(file.text);
    }
    return undefined;
  },
});

async function domainsIn(file: string): Promise<string[]> {
  const { readMirrorSettings } = await import('../mirror.ts');
  return (await readMirrorSettings(file)).upstreams.map(({ domain }) => domain);
}

function requireClient(text: string, clients: readonly MirrorClient[]): MirrorClient {
  const client = clients.find((each) => each === text);
  if (client !== undefined) return client;
  throw new GantryError(
    'invalid-argument',
    'mirror-invalid',
    `there is no configuration for ${JSON.stringify(text)}; name one of ${clients.join(', ')}`,
  );
}
