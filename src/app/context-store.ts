import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { TlsOptions } from '#engine-client';
import { errnoOf, fromErrno, GantryError } from '#errors';

/** A daemon, and how to prove who is who when it is behind TLS. */
export interface Endpoint {
  /** Empty for the one of this machine. */
  readonly host: string;
  readonly tls?: TlsOptions;
}

/**
 * The daemon of a context in docker's own store below `folder`, docker's configuration directory:
 * `contexts/meta/<id>/meta.json` and `contexts/tls/<id>/docker/{ca,cert,key}.pem`, where the id is the SHA-256 of the
 * name (docker/cli context/store).
 *
 * @throws not-found `context-not-found`; invalid-argument `context-invalid`; `errno-…`
 */
export async function readContext(folder: string, name: string): Promise<Endpoint> {
  const id = createHash('sha256').update(name).digest('hex');
  const file = path.join(folder, 'contexts/meta', id, 'meta.json');
  const text = await readIfThere(file);
  if (text === undefined) {
    throw unresolved(
      'not-found',
      'context-not-found',
      `context ${JSON.stringify(name)}: context not found: open ${file}: no such file or directory`,
    );
  }
  const endpoint = parseEndpoint(text, { file, name });
  const keys = path.join(folder, 'contexts/tls', id, 'docker');
  const [ca, cert, key] = await Promise.all(
    ['ca', 'cert', 'key'].map((each) => readIfThere(path.join(keys, `${each}.pem`))),
  );
  const secure = endpoint.skipVerify || ca !== undefined || cert !== undefined || key !== undefined;
  if (!secure) return { host: endpoint.host };
  const tls = {
    verify: !endpoint.skipVerify,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
  return { host: endpoint.host, tls };
}

function parseEndpoint(
  text: string,
  { file, name }: { file: string; name: string },
): { host: string; skipVerify: boolean } {
  let meta: unknown;
  try {
    meta = JSON.parse(text);
  } catch (cause) {
    throw unresolved(
      'invalid-argument',
      'context-invalid',
      `context ${JSON.stringify(name)}: parsing ${file}: it is not JSON`,
      cause,
    );
  }
  const docker = member(member(meta, 'Endpoints'), 'docker');
  if (typeof docker !== 'object' || docker === null) {
    throw unresolved('invalid-argument', 'context-invalid', 'cannot find docker endpoint in context');
  }
  const host = member(docker, 'Host');
  return { host: typeof host === 'string' ? host : '', skipVerify: member(docker, 'SkipTLSVerify') === true };
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw fromErrno(error, `read ${file}`, { file });
  }
}

function unresolved(
  kind: 'not-found' | 'invalid-argument',
  code: string,
  message: string,
  cause?: unknown,
): GantryError {
  const words = `Failed to initialize: unable to resolve docker endpoint: ${message}`;
  return new GantryError(kind, code, words, { cause });
}
