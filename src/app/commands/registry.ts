import path from 'node:path';
import { type Command, defineCommand } from '#cli';
import { findError, GantryError, toError } from '#errors';
import type { MirrorSettings } from '#mirror';
import { defaultDataRoot, type Surroundings } from '../places.ts';

/** `gantry registry`: a private registry and a mirror of others, over one store, in the foreground. */
export function registryCommand(surroundings: Surroundings): Command {
  return defineCommand({
    name: 'registry',
    usage: '[OPTIONS]',
    short: 'Serve a registry: private repositories, and a mirror of other registries',
    examples: [
      'registry',
      'registry --addr 127.0.0.1:5000 --upstream docker.io=https://registry-1.docker.io',
      'registry --addr :5000 --tls-cert registry.crt --tls-key registry.key --htpasswd users --anonymous-pull',
    ],
    flags: {
      addr: { type: 'string', default: '127.0.0.1:5000', usage: 'Address to listen at' },
      'anonymous-pull': { type: 'boolean', usage: 'Let everybody pull; pushing still needs a user' },
      config: { type: 'string', usage: 'File of JSON with the mirrored registries' },
      htpasswd: { type: 'string', usage: 'File of users, as `htpasswd -B` writes it', placeholder: 'string' },
      insecure: { type: 'boolean', usage: 'Let others reach the registry without TLS' },
      'read-only': { type: 'boolean', usage: 'Refuse every write' },
      root: {
        type: 'string',
        usage: "Directory of the store; the engine's own by default, so that both share bytes",
      },
      'tls-cert': { type: 'string', usage: 'Certificate with its chain, in PEM' },
      'tls-key': { type: 'string', usage: 'Key of the certificate, in PEM' },
      upstream: { type: 'list', usage: 'Registry to mirror: its name, `=` and its URL', placeholder: 'list' },
    },
    arity: { min: 0, max: 0 },
    async run({ io, flags, signal }) {
      const file = (name: string) => (name === '' ? undefined : path.resolve(io.cwd, name));
      const [cert, key] = [file(flags.tlsCert), file(flags.tlsKey)];
      if ((cert === undefined) !== (key === undefined)) {
        throw new GantryError(
          'invalid-argument',
          'config-invalid',
          'give --tls-cert and --tls-key, or neither',
        );
      }
      const root = file(flags.root) ?? defaultDataRoot(surroundings);
      // A short command must not load what only a server needs.
      const { runRegistry } = await import('../registry.ts');
      await runRegistry(
        {
          root,
          addr: flags.addr,
          htpasswd: file(flags.htpasswd),
          anonymousPull: flags.anonymousPull,
          readOnly: flags.readOnly,
          tls: cert === undefined || key === undefined ? undefined : { cert, key },
          insecure: flags.insecure,
          mirror: await mirrorOf(flags.upstream, file(flags.config)),
          env: surroundings.env,
        },
        {
          signal,
          onReady: (url) => {
            io.stderr.write(`gantry serves a registry at ${url} from ${root}\n`);
          },
          onFailure: (error) => {
            io.stderr.write(`${(findError(error) ?? toError(error)).message}\n`);
          },
        },
      );
      return undefined;
    },
  });
}

/** What is mirrored, by the flags and the file together; undefined when nothing is. */
async function mirrorOf(
  flags: readonly string[],
  file: string | undefined,
): Promise<MirrorSettings | undefined> {
  if (file === undefined && flags.length === 0) return undefined;
  const { parseMirrorSettings } = await import('#mirror');
  const named = parseMirrorSettings({ upstreams: flags.map(parseUpstreamFlag) });
  if (file === undefined) return named;
  const { readMirrorSettings } = await import('../mirror.ts');
  const written = await readMirrorSettings(file);
  return {
    ...written,
    upstreams: [...written.upstreams, ...named.upstreams],
    bare: written.bare ?? named.bare,
  };
}

function parseUpstreamFlag(text: string): { domain: string; address: string; insecure: boolean } {
  const [, domain = '', address = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  const url = URL.parse(address);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new GantryError(
      'invalid-argument',
      'config-invalid',
      `--upstream must be like docker.io=https://registry-1.docker.io, not ${JSON.stringify(text)}`,
    );
  }
  return { domain, address: url.host, insecure: url.protocol === 'http:' };
}
