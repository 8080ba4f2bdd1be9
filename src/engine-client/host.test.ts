import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDaemonHost } from './host.ts';

test('hosts are read as docker reads them', () => {
  assert.deepEqual(parseDaemonHost('unix:///run/g.sock'), { type: 'unix', path: '/run/g.sock' });
  const tcp = (hostname: string, port: number, secure: boolean) => ({ type: 'tcp', hostname, port, secure });
  assert.deepEqual(parseDaemonHost('tcp://127.0.0.1:80'), tcp('127.0.0.1', 80, false));
  assert.deepEqual(parseDaemonHost('tcp://h'), tcp('h', 2375, false));
  assert.deepEqual(parseDaemonHost('tcp://h', { tls: true }), tcp('h', 2376, true));
  assert.deepEqual(parseDaemonHost('tcp://h:443', { tls: true }), tcp('h', 443, true));
  assert.deepEqual(parseDaemonHost('http://[::1]:1/'), tcp('::1', 1, false));
  assert.deepEqual(parseDaemonHost('https://h'), tcp('h', 443, true));
});

test('what is no host is refused', () => {
  for (const text of [
    '',
    'h:1',
    '/run/g.sock',
    'unix://',
    'ssh://h',
    'tcp://',
    'tcp://h/path',
    'tcp://h:x',
  ]) {
    assert.throws(() => parseDaemonHost(text), { code: 'daemon-host' }, text);
  }
});
