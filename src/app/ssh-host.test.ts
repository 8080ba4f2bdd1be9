import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sshWords } from './ssh-host.ts';

test('an ssh host becomes the words that docker gives to ssh', () => {
  const words = (host: string) => sshWords(host).join(' ');
  const before = '-o ConnectTimeout=30 -T';
  assert.equal(words('ssh://hh'), `${before} -- hh docker system dial-stdio`);
  assert.equal(
    words('ssh://me@hh:23/run/x.sock'),
    `${before} -l me -p 23 -- hh docker --host unix:///run/x.sock system dial-stdio`,
  );
  assert.equal(words('ssh://[::1]:22'), `${before} -p 22 -- ::1 docker system dial-stdio`);
});

test('nothing in a host reaches ssh as a flag or the other shell as more than a word', () => {
  assert.deepEqual(sshWords('ssh://-oProxyCommand=x').slice(-5, -3), ['--', '-oProxyCommand=x']);
  assert.equal(sshWords("ssh://h/a'b;c").at(-3), `'unix:///a'\\''b;c'`);
});

test('a host that ssh could not be told is refused in docker’s words', () => {
  const reasons: Record<string, string> = {
    'ssh://me:pw@h': 'plain-text password is not supported',
    'ssh://': 'hostname is empty',
    'ssh://h?x=1': 'query parameters are not allowed: "x=1"',
    'ssh://h#x': 'fragments are not allowed: "x"',
    'ssh://h:port': 'it cannot be read',
    'ssh://h/%zz': 'invalid URL escape in "/%zz"',
  };
  for (const [host, reason] of Object.entries(reasons)) {
    assert.throws(() => sshWords(host), {
      code: 'ssh-host',
      message: `Failed to initialize: ssh host connection is not valid: invalid SSH URL: ${reason}`,
    });
  }
});
