import { isIP } from 'node:net';
import { join } from 'node:path';
import { succeed } from './run.ts';
import { requireTools } from './tools.ts';

/** The paths of a certificate and its private key, in PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** A private certificate authority. */
export interface CertificateAuthority {
  /** The path of its own certificate, in PEM: what a client must trust. */
  readonly cert: string;
  /** A certificate for these host names and addresses, valid for servers and clients for one day. */
  issue(names: readonly [string, ...string[]]): Promise<Certificate>;
}

/** Makes a certificate authority with its files in `dir`, which must exist. */
export async function openCertificateAuthority(dir: string): Promise<CertificateAuthority> {
  await requireTools(['openssl']);
  const authority = { cert: join(dir, 'ca.crt'), key: join(dir, 'ca.key') };
  await succeed('openssl', [
    ...request(authority, "Gantry's tests"),
    ...['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  ]);

  let issued = 0;
  return {
    cert: authority.cert,
    async issue(names) {
      const path = join(dir, `issued-${++issued}`);
      const certificate = { cert: `${path}.crt`, key: `${path}.key` };
      const alternatives = names.map((name) => `${isIP(name) ? 'IP' : 'DNS'}:${name}`).join(',');
      await succeed('openssl', [
        ...request(certificate, names[0]),
        ...['-CA', authority.cert, '-CAkey', authority.key],
        ...['-addext', `subjectAltName=${alternatives}`, '-addext', 'basicConstraints=critical,CA:FALSE'],
        ...['-addext', 'extendedKeyUsage=serverAuth,clientAuth'],
      ]);
      return certificate;
    },
  };
}

function request({ cert, key }: Certificate, subject: string): string[] {
  return [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc', '-days', '1'],
    ...['-subj', `/CN=${subject}`, '-out', cert, '-keyout', key],
  ];
}
