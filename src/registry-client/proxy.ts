import { BlockList, isIP } from 'node:net';

/** The environment, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A host name without the brackets of an IPv6 address. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Whether `address` lies in `cidr` (`10.0.0.0/8`, `::1/128`); false when either is not what it should be. */
export function isWithin(address: string, cidr: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (Number(bits) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Whether the host is this machine, by its name or address. */
export function isLoopback(hostname: string): boolean {
  const host = bareHost(hostname);
  return host === 'localhost' || isWithin(host, '127.0.0.0/8') || isWithin(host, '::1/128');
}

/** One entry of NO_PROXY, by the rules of Go (golang.org/x/net/http/httpproxy). */
function spares(entry: string, url: URL): boolean {
  const host = bareHost(url.hostname);
  if (entry === '*') return true;
  if (entry.includes('/')) return isWithin(host, entry);
  const [, name = '', port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  const actual = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (isIP(entry) !== 0) return host === entry;
  if (port !== undefined && port !== actual) return false;
  const domain = bareHost(name)
    .replace(/^\*?\./, '')
    .toLowerCase();
  const subdomainsOnly = /^\*?\./.test(name);
  return domain !== '' && ((host === domain && !subdomainsOnly) || host.endsWith(`.${domain}`));
}

/**
 * The proxy for a URL, from HTTP_PROXY, HTTPS_PROXY and NO_PROXY in either case; undefined for none. This machine is
 * never asked through a proxy. Source: golang.org/x/net/http/httpproxy, which Docker obeys.
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const read = (name: string): string => env[name] ?? env[name.toLowerCase()] ?? '';
  const proxy = read(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (proxy === '' || isLoopback(url.hostname)) return undefined;
  const spared = read('NO_PROXY')
    .split(',')
    .map((entry) => entry.trim());
  if (spared.some((entry) => spares(entry, url))) return undefined;
  const parsed = URL.parse(proxy);
  return parsed?.host ? parsed : (URL.parse(`http://${proxy}`) ?? undefined);
}
