import { readFile } from 'node:fs/promises';
import { fromErrno, GantryError } from '#errors';
import {
  createMirror,
  parseMirrorSettings,
  type Mirror,
  type MirrorOptions,
  type MirrorSettings,
  type Upstream,
} from '#mirror';
import { createRegistryClients, type RegistryClients } from '#registry-client';
import { version } from './version.ts';

/**
 * The settings of a mirror from a file of JSON: see `parseMirrorSettings`.
 *
 * @throws invalid-argument `config-invalid`; `errno-…`
 */
export async function readMirrorSettings(file: string): Promise<MirrorSettings> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw fromErrno(error, `read ${file}`, { file });
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new GantryError('invalid-argument', 'config-invalid', `${file} is no JSON`, { cause: error });
  }
  return parseMirrorSettings(document);
}

/** A tag that is here need not wait for long: what failed twice is answered as it was. Blobs are tried more often. */
const attempts = 2;

/** A mirror whose upstreams are reached over the network. Opens no connection before it needs one. */
export function openMirror(
  settings: MirrorSettings,
  {
    env,
    ...store
  }: Pick<MirrorOptions, 'local' | 'content' | 'metadata' | 'clock' | 'uniqueId'> & {
    /** For the proxies of upstreams that name none. */
    env: Readonly<Record<string, string | undefined>>;
  },
): Mirror {
  const clients = new Map<Upstream, RegistryClients>();

  function clientsOf(upstream: Upstream, host: string): RegistryClients {
    const known = clients.get(upstream);
    if (known !== undefined) return known;
    const { proxy, certificates, insecure } = upstream;
    const made = createRegistryClients({
      version,
      env: proxy === undefined ? env : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
      ...(certificates !== undefined && { certificatesDirectory: certificates }),
      insecureRegistries: insecure ? [host] : [],
      attempts,
    });
    clients.set(upstream, made);
    return made;
  }

  const mirror = createMirror({
    ...store,
    ...settings,
    connect(upstream, domain) {
      const host = upstream.address ?? domain;
      return clientsOf(upstream, host).open(host, upstream.credentials);
    },
  });
  return {
    ...mirror,
    async [Symbol.asyncDispose]() {
      await mirror[Symbol.asyncDispose]();
      await Promise.all([...clients.values()].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}
