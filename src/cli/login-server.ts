/** Docker Hub's name in credentials since there was only one registry. */
const hub = 'https://index.docker.io/v1/';

/** The name under which the credentials of a registry are kept: its host, but for Docker Hub, which is the default. */
export function loginServer(text = ''): string {
  if (text === '' || text === 'docker.io') return hub;
  return text.replace(/^[a-z]+:\/\//, '').split('/', 1)[0] ?? '';
}
