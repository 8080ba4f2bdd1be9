import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Invocation } from '#cli';
import type { TlsOptions } from '#engine-client';
import { errnoOf, fromErrno } from '#errors';
import type { Surroundings } from './places.ts';

/**
 * The certificates for a daemon behind TLS, as docker has them: `--tls` and `--tlsverify`, or `DOCKER_TLS` and
 * `DOCKER_TLS_VERIFY`; files by the flags, else `ca.pem`, `cert.pem` and `key.pem` in `DOCKER_CERT_PATH` or
 * `~/.docker`, where they may be missing. Undefined without TLS.
 *
 * @throws `errno-…` for a file that a flag names and that cannot be read
 */
export async function clientTls(
  globals: Invocation['globals'],
  { env, home, cwd }: Surroundings,
): Promise<TlsOptions | undefined> {
  const verify = globals.tlsverify || (env['DOCKER_TLS_VERIFY'] ?? '') !== '';
  if (!verify && !globals.tls && (env['DOCKER_TLS'] ?? '') === '') return undefined;
  const usual = env['DOCKER_CERT_PATH'] || path.join(home, '.docker');
  const read = async (given: string, name: string): Promise<string | undefined> => {
    const file = given === '' ? path.join(usual, name) : path.resolve(cwd, given);
    try {
      return await readFile(file, 'utf8');
    } catch (error) {
      if (given === '' && errnoOf(error) === 'ENOENT') return undefined;
      throw fromErrno(error, `read ${file}`, { file });
    }
  };
  const ca = verify ? await read(globals.tlscacert, 'ca.pem') : undefined;
  const cert = await read(globals.tlscert, 'cert.pem');
  const key = await read(globals.tlskey, 'key.pem');
  return {
    verify,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && key !== undefined && { cert, key }),
  };
}
