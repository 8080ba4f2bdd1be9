import { GantryError } from '#errors';

/** Seconds until ssh gives up on a machine that does not answer: docker's number. */
const connectTimeout = 30;

/**
 * The words behind `ssh` that bridge to the daemon of the host `ssh://[user@]host[:port][/path/to/socket]`, as docker
 * gives them (docker/cli connhelper). The other side runs `docker`, or Gantry under that name.
 *
 * @throws invalid-argument `ssh-host`
 */
export function sshWords(host: string): readonly string[] {
  const url = URL.canParse(host) ? new URL(host) : undefined;
  if (url === undefined) throw invalid('it cannot be read');
  if (url.password !== '') throw invalid('plain-text password is not supported');
  if (url.hostname === '') throw invalid('hostname is empty');
  if (url.search !== '')
    throw invalid(`query parameters are not allowed: ${JSON.stringify(url.search.slice(1))}`);
  if (url.hash !== '') throw invalid(`fragments are not allowed: ${JSON.stringify(url.hash.slice(1))}`);
  const socket = decode(url.pathname);
  return [
    ...['-o', `ConnectTimeout=${connectTimeout}`, '-T'],
    ...(url.username === '' ? [] : ['-l', decode(url.username)]),
    ...(url.port === '' ? [] : ['-p', url.port]),
    // Nothing behind these is a flag, whatever the host is called.
    ...['--', decode(url.hostname).replace(/^\[(.*)\]$/, '$1')],
    'docker',
    ...(socket.replaceAll('/', '') === '' ? [] : ['--host', quoted(`unix://${socket}`)]),
    ...['system', 'dial-stdio'],
  ];
}

/** As the shell of the other side takes it: ssh joins its words to one line. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`invalid URL escape in ${JSON.stringify(text)}`);
  }
}

function invalid(why: string): GantryError {
  return new GantryError(
    'invalid-argument',
    'ssh-host',
    `Failed to initialize: ssh host connection is not valid: invalid SSH URL: ${why}`,
  );
}
