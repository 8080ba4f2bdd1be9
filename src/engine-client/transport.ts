import * as http from 'node:http';
import * as https from 'node:https';
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import type { DaemonHost } from './host.ts';

/** Certificates in PEM, for daemons behind TLS. */
export interface TlsOptions {
  /** Who may have signed the daemon's certificate; the system's authorities when absent. */
  readonly ca?: string | Uint8Array;
  readonly cert?: string | Uint8Array;
  readonly key?: string | Uint8Array;
  /** Whether the daemon's certificate is looked at; true unless told. */
  readonly verify?: boolean;
}

/** How requests get to a daemon. */
export interface Transport {
  /** Begins a request; `path` is as it stands on the wire. */
  start(options: {
    method: string;
    path: string;
    headers: http.OutgoingHttpHeaders;
    signal?: AbortSignal;
  }): http.ClientRequest;
  /** Closes the connections that wait for another request. */
  close(): void;
}

/** Over a socket, kept for further requests. Touches nothing before the first one. */
export function socketTransport(host: DaemonHost, tls: TlsOptions = {}): Transport {
  const secure = host.type === 'tcp' && host.secure;
  const agent = secure
    ? new https.Agent({ keepAlive: true, ...certificatesOf(tls) })
    : new http.Agent({ keepAlive: true });
  const address =
    host.type === 'unix' ? { socketPath: host.path } : { hostname: host.hostname, port: host.port };
  const request = secure ? https.request : http.request;
  return {
    // moby's clients name no host on a unix socket but this one.
    start: ({ headers, ...options }) =>
      request({
        ...address,
        ...options,
        agent,
        headers: host.type === 'unix' ? { Host: 'api.moby.localhost', ...headers } : headers,
      }),
    close: () => {
      agent.destroy();
    },
  };
}

/** Over connections that `connect` makes, one for each request: for a daemon inside this process. */
export function connectionTransport(connect: () => Duplex): Transport {
  return {
    start: ({ headers, ...options }) =>
      http.request({
        ...options,
        headers: { Host: 'api.moby.localhost', Connection: 'close', ...headers },
        createConnection: connect,
      }),
    close: () => undefined,
  };
}

/** The options as Node's TLS takes them. */
export function certificatesOf({ ca, cert, key, verify = true }: TlsOptions = {}): ConnectionOptions {
  const pem = (value: string | Uint8Array) => (typeof value === 'string' ? value : Buffer.from(value));
  return {
    rejectUnauthorized: verify,
    ...(ca === undefined ? {} : { ca: pem(ca) }),
    ...(cert === undefined ? {} : { cert: pem(cert) }),
    ...(key === undefined ? {} : { key: pem(key) }),
  };
}
