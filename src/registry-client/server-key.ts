/** The key of Docker Hub in Docker's configuration file, since before there were domains. */
const hubKey = 'https://index.docker.io/v1/';

const hubNames = new Set(['', 'docker.io', 'index.docker.io', 'registry-1.docker.io']);

/** The host (and port) of a server, which may be a URL. */
export function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/', 1)[0] ?? '';
}

/**
 * The key that the credentials of a server are kept under: the host with its port, but for Docker Hub. `server` is a
 * host, a host with the path of a repository, or a URL.
 */
export function serverKey(server: string): string {
  return hubNames.has(hostOf(server)) ? hubKey : hostOf(server);
}

/**
 * The keys under which credentials for `server` may be found, the longest first: those of each part of its path
 * (containers-auth.json), then the host's.
 */
export function searchKeys(server: string): string[] {
  const host = serverKey(server);
  if (/^https?:\/\//.test(server)) return [host];
  const [domain = '', ...path] = server.split('/');
  const prefixes = path.map((_, index) => [domain, ...path.slice(0, path.length - index)].join('/'));
  return [...prefixes, host];
}

/** Whether a key that somebody wrote as a URL (`https://host/v1/`) means the same host as `key`. */
export function isSameServer(written: string, key: string): boolean {
  return written === key || (/^https?:\/\//.test(written) && serverKey(written) === key);
}
