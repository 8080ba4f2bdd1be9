import { GantryError } from '#errors';

/** Where a daemon listens. */
export type DaemonHost =
  | { readonly type: 'unix'; readonly path: string }
  | { readonly type: 'tcp'; readonly hostname: string; readonly port: number; readonly secure: boolean };

/** Docker's ports, without and with TLS. */
const plainPort = 2375;
const securePort = 2376;

/**
 * The address in docker's form: `unix:///run/gantry.sock`, `tcp://host:2375`, `http://host:80`, `https://host:443`.
 * With `tls`, `tcp` means TLS.
 *
 * @throws invalid-argument `daemon-host`
 */
export function parseDaemonHost(text: string, { tls = false }: { tls?: boolean } = {}): DaemonHost {
  const [, scheme = '', rest = ''] = /^([a-z]+):\/\/(.+)$/s.exec(text) ?? [];
  if (scheme === 'unix') return { type: 'unix', path: rest };
  if (scheme !== 'tcp' && scheme !== 'http' && scheme !== 'https') throw invalidHost(text);
  const secure = scheme === 'https' || (scheme === 'tcp' && tls);
  const authority = `${secure ? 'https' : 'http'}://${rest}`;
  const url = URL.canParse(authority) ? new URL(authority) : undefined;
  if (url === undefined || (url.pathname !== '/' && url.pathname !== '')) throw invalidHost(text);
  // URL drops the scheme's own port, which is not docker's.
  const port = /:(\d+)\/?$/.exec(rest)?.[1];
  const standard = { tcp: secure ? securePort : plainPort, http: 80, https: 443 }[scheme];
  return {
    type: 'tcp',
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === undefined ? standard : Number(port),
    secure,
  };
}

function invalidHost(text: string): GantryError {
  return new GantryError(
    'invalid-argument',
    'daemon-host',
    `unable to parse docker host \`${text}\`: write it as unix:///path/to/socket or tcp://host:port`,
    { subject: { host: text } },
  );
}
