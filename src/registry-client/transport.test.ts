import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { findError } from '#errors';
import { openLoopback } from '../../test/support/loopback.ts';
import { createTransport, type Transport } from './transport.ts';
import { fromLine, isNobodyThere } from './unreachable.ts';

const transportOf = (proxy?: string): Transport =>
  createTransport({
    userAgent: 'test',
    certificates: async () => ({}),
    isInsecure: async () => false,
    proxyFor: () => (proxy === undefined ? undefined : new URL(proxy)),
  });

test('a plain request is handed to the proxy with its whole URL, and with the proxy’s own password', async () => {
  await using proxy = await openLoopback((_, response) => void response.end('from the proxy'));
  await using transport = transportOf(`http://user:pw@${proxy.host}`);
  const url = new URL('http://registry.example/v2/?a=b');
  const answer = await transport.send({ method: 'GET', url, headers: {}, signal: undefined });
  assert.equal(Buffer.concat(await Array.fromAsync(answer.body)).toString(), 'from the proxy');
  const { path, headers } = proxy.seen[0]!;
  assert.equal(path, 'http://registry.example/v2/?a=b');
  assert.equal(headers['proxy-authorization'], `Basic ${Buffer.from('user:pw').toString('base64')}`);
});

test('a request over TLS asks the proxy for a tunnel', async () => {
  const asked: (string | undefined)[] = [];
  const proxy = createServer().on('connect', ({ url }, socket) => {
    asked.push(url);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await using stack = new AsyncDisposableStack();
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  stack.defer(() => void proxy.close());
  await using transport = transportOf(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
  const url = new URL('https://registry.example/v2/');
  await assert.rejects(transport.send({ method: 'GET', url, headers: {}, signal: undefined }), {
    code: 'registry-unreachable',
    message: /Proxy response \(403\)/,
  });
  assert.deepEqual(asked, ['registry.example:443']);
});

test('a server without TLS is recognised', async () => {
  await using server = await openLoopback((_, response) => void response.end());
  await using transport = transportOf();
  const url = new URL(`https://${server.host}/v2/`);
  await assert.rejects(transport.send({ method: 'GET', url, headers: {}, signal: undefined }), {
    kind: 'unavailable',
    message: `Get "https://${server.host}/v2/": http: server gave HTTP response to HTTPS client`,
  });
});

test('closing breaks off what is under way', async () => {
  await using server = await openLoopback(() => undefined);
  const transport = transportOf();
  const url = new URL(`http://${server.host}/`);
  const work = transport.send({ method: 'GET', url, headers: {}, signal: undefined });
  const failed = assert.rejects(work, { code: 'registry-unreachable' });
  while (server.seen.length === 0) await new Promise(setImmediate);
  await transport[Symbol.asyncDispose]();
  await failed;
});

test('failures of the line are worded as Docker words them', () => {
  const url = new URL('https://r.example/v2/a/manifests/b?token=secret');
  const worded = (fields: object, cause = Object.assign(new Error('node says'), fields)): unknown =>
    findError(fromLine(cause, { method: 'HEAD', url }))?.subject['reason'];
  assert.equal(worded({ code: 'ENOTFOUND' }), 'dial tcp: lookup r.example: no such host');
  assert.equal(
    worded({ code: 'EHOSTUNREACH', address: '::1', port: 5 }),
    'dial tcp [::1]:5: connect: no route to host',
  );
  assert.equal(worded({ code: 'UND_ERR_CONNECT_TIMEOUT' }), 'dial tcp r.example:443: i/o timeout');
  assert.equal(worded({ code: 'UND_ERR_SOCKET' }), 'EOF');
  assert.equal(worded({ code: 'EXOTIC' }), 'node says');
  const several = new AggregateError([
    Object.assign(new Error('first'), { code: 'ENETUNREACH' }),
    Object.assign(new Error('last'), { code: 'ECONNREFUSED', address: '1.2.3.4', port: 443 }),
  ]);
  assert.equal(worded({}, several), 'dial tcp 1.2.3.4:443: connect: connection refused');
  const refused = fromLine(several, { method: 'HEAD', url }) as Error;
  assert.equal(
    refused.message,
    'Head "https://r.example/v2/a/manifests/b": dial tcp 1.2.3.4:443: connect: connection refused',
  );
  assert.ok(isNobodyThere(refused));
});

test('a certificate that is not trusted has its own code', () => {
  const url = new URL('https://r.example/v2/');
  const expired = Object.assign(new Error('x'), { code: 'CERT_HAS_EXPIRED' });
  const error = findError(fromLine(expired, { method: 'GET', url }));
  assert.deepEqual(
    [error?.kind, error?.code, error?.cause],
    ['unavailable', 'registry-certificate', expired],
  );
});
