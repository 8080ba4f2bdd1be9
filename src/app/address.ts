/** Where a daemon may be asked to listen. */
export type Host =
  | { readonly type: 'unix'; readonly path: string }
  /** `address` is empty for all of the machine's. */
  | { readonly type: 'tcp'; readonly address: string; readonly port: number | undefined }
  /** Sockets that systemd has opened: all of them, or the one with this name or number. */
  | { readonly type: 'fd'; readonly which: string | undefined };

/** Reads `unix:///path`, `tcp://address:port`, `fd://` or `fd://name`; undefined for anything else. */
export function parseHost(text: string): Host | undefined {
  const [, scheme, rest = ''] = /^(unix|tcp|fd):\/\/(.*)$/s.exec(text) ?? [];
  if (scheme === 'unix') return rest === '' ? undefined : { type: 'unix', path: rest };
  if (scheme === 'fd') return { type: 'fd', which: rest === '' || rest === '*' ? undefined : rest };
  if (scheme === 'tcp') return parseTcp(rest);
  return undefined;
}

function parseTcp(text: string): Host | undefined {
  const [match, six, name = six, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([^\s:/[\]]*))(?::(\d{1,5}))?\/?$/i.exec(text) ?? [];
  const port = digits === undefined ? undefined : Number(digits);
  if (match === undefined || text === '' || (port ?? 0) > 65535) return undefined;
  return { type: 'tcp', address: name ?? '', port };
}

/** Whether only this machine can reach the address. */
export function isLoopbackAddress(address: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+|localhost)$/i.test(address);
}
