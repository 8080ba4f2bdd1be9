import { isIP } from 'node:net';
import { bareHost, isLoopback, isWithin } from './address.ts';

/** The environment, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

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
