import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { fromErrno, GantryError, toError } from '#errors';
import type { Settings } from './settings.ts';

/** What a TLS server is made with, as node:https takes it. */
export interface ServerTls {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** Who signs the certificates of clients. */
  readonly ca?: string;
  readonly minVersion: 'TLSv1.2';
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
}

/** Whether TCP addresses get TLS. */
export function wantsTls({ tls, tlsverify }: Settings): boolean {
  return tls || tlsverify;
}

/**
 * Reads the certificates for TCP addresses; undefined without TLS. Called again it reads them anew.
 *
 * @throws invalid-argument `tls-invalid` for what is no certificate, no key, or two that do not belong together;
 *   `errno-…`
 */
export async function readTls(settings: Settings): Promise<ServerTls | undefined> {
  if (!wantsTls(settings)) return undefined;
  const { tlsverify, tlscacert, tlscert, tlskey } = settings;
  const tls = {
    cert: await readPem('tlscert', tlscert),
    key: await readPem('tlskey', tlskey),
    ...(tlsverify && { ca: await readPem('tlscacert', tlscacert) }),
    minVersion: 'TLSv1.2',
    requestCert: tlsverify,
    rejectUnauthorized: tlsverify,
  } as const satisfies ServerTls;
  try {
    createSecureContext(tls);
  } catch (error) {
    throw new GantryError(
      'invalid-argument',
      'tls-invalid',
      `cannot serve TLS with ${tlscert} and ${tlskey}${tlsverify ? ` for clients of ${tlscacert}` : ''}: ${toError(error).message}`,
      { cause: error },
    );
  }
  return tls;
}

async function readPem(setting: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw fromErrno(error, `read ${path}, which the setting "${setting}" names`, { setting, path });
  }
}
