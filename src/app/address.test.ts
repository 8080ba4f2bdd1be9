import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLoopbackAddress, parseHost } from './address.ts';

test('addresses are read as docker spells them', () => {
  const cases: readonly [string, ReturnType<typeof parseHost>][] = [
    ['unix:///run/x.sock', { type: 'unix', path: '/run/x.sock' }],
    ['tcp://127.0.0.1:2375', { type: 'tcp', address: '127.0.0.1', port: 2375 }],
    ['tcp://[::1]:2376', { type: 'tcp', address: '::1', port: 2376 }],
    ['tcp://host.example', { type: 'tcp', address: 'host.example', port: undefined }],
    ['tcp://:2375', { type: 'tcp', address: '', port: 2375 }],
    ['tcp://127.0.0.1:0', { type: 'tcp', address: '127.0.0.1', port: 0 }],
    ['fd://', { type: 'fd', which: undefined }],
    ['fd://*', { type: 'fd', which: undefined }],
    ['fd://api', { type: 'fd', which: 'api' }],
  ];
  for (const [text, host] of cases) assert.deepEqual(parseHost(text), host, text);
});

test('what is no address is none', () => {
  const wrong = [
    '',
    'unix://',
    '/run/x.sock',
    'tcp://',
    'tcp://a:99999',
    'tcp://a:b',
    'tcp://a/b',
    'npipe://x',
  ];
  for (const text of wrong) assert.equal(parseHost(text), undefined, text);
});

test('only addresses of this machine are loopback', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', 'localhost']) assert.ok(isLoopbackAddress(address));
  for (const address of ['', '0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'localhost.example']) {
    assert.ok(!isLoopbackAddress(address), address);
  }
});
