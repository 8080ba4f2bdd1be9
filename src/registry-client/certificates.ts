import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import { errnoOf, fromErrno, GantryError } from '#errors';

/** What a TLS connection to one host is made with, as node:tls takes it. */
export interface HostCertificates {
  /** All authorities; absent for Node's own (with NODE_EXTRA_CA_CERTS). */
  readonly ca?: string[];
  readonly cert?: string[];
  readonly key?: string[];
}

/**
 * What `<directory>/<host>/` says of the host (`registry:5000`): `*.crt` are authorities, in addition to Node's own;
 * each `x.cert` with its `x.key` is a certificate of ours. Nothing when there is no such directory.
 * Source: Docker, "Verify repository client with certificates".
 *
 * @throws invalid-argument `certificate-pair` for a certificate without its key or the reverse; `errno-…`
 */
export async function readCertificates(directory: string, host: string): Promise<HostCertificates> {
  const folder = join(directory, host);
  let names: string[];
  try {
    names = (await readdir(folder)).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errnoOf(error) ?? '')) return {};
    throw fromErrno(error, `read certificates in ${folder}`, { path: folder });
  }
  const ending = (suffix: string): string[] => names.filter((name) => name.endsWith(suffix));
  const read = (files: string[]): Promise<string[]> =>
    Promise.all(files.map((file) => readPem(join(folder, file))));
  for (const [own, other] of [
    ['.cert', '.key'],
    ['.key', '.cert'],
  ] as const) {
    for (const name of ending(own)) {
      const missing = name.slice(0, -own.length) + other;
      if (!names.includes(missing)) throw unpaired(join(folder, name), missing);
    }
  }
  const [authorities, cert, key] = await Promise.all(
    ['.crt', '.cert', '.key'].map((end) => read(ending(end))),
  );
  return {
    ...(authorities?.length && { ca: [...getCACertificates('default'), ...authorities] }),
    ...(cert?.length && key?.length && { cert, key }),
  };
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fromErrno(error, `read ${path}`, { path });
  }
}

function unpaired(path: string, missing: string): GantryError {
  return new GantryError(
    'invalid-argument',
    'certificate-pair',
    `missing ${missing} for ${path}: certificates of authorities must have the extension .crt`,
    { subject: { path, missing } },
  );
}
