import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLoopback, sendJson } from '../../test/support/loopback.ts';
import { createRegistryClients } from './clients.ts';
import { nextLink } from './tags.ts';

test('pages are followed to the last, by links of any form', async () => {
  await using server = await openLoopback(({ path, headers }, response) => {
    const last = new URL(path, 'http://x').searchParams.get('last');
    const pages: Record<string, [string[] | null, string?]> = {
      '': [['a', 'b'], '</v2/a/b/tags/list?n=2&last=b>; rel="next"'],
      b: [['c'], `<http://${headers.host ?? ''}/v2/a/b/tags/list?last=c>; x=y; rel=next`],
      c: [null],
    };
    const [tags, link] = pages[last ?? '']!;
    sendJson(response, 200, { name: 'a/b', tags }, link === undefined ? {} : { link });
  });
  await using clients = createRegistryClients({ version: '0', env: {} });
  assert.deepEqual(await Array.fromAsync(clients.open(server.host).tags('a/b')), ['a', 'b', 'c']);
});

test('a list that leads elsewhere, to itself, or is none, is an error', async () => {
  const answers: [unknown, Record<string, string>][] = [
    [{ tags: [] }, { link: '<http://localhost:1/v2/a/b/tags/list>; rel="next"' }],
    [{ tags: [] }, { link: '<>; rel="next"' }],
    [{ tags: [1] }, {}],
    ['tags', {}],
    [{}, {}],
  ];
  for (const [body, headers] of answers) {
    await using server = await openLoopback((_, response) => {
      sendJson(response, 200, body, headers);
    });
    await using clients = createRegistryClients({ version: '0', env: {} });
    const work = Array.fromAsync(clients.open(server.host).tags('a/b'));
    await assert.rejects(work, { code: 'registry-answer' }, JSON.stringify([body, headers]));
  }
});

test('the next link is found among others', () => {
  assert.equal(nextLink('</a>; rel="prev", </b,c>; rel="last next"'), '/b,c');
  assert.equal(nextLink('</a>; rel="nextish"'), undefined);
  assert.equal(nextLink(undefined), undefined);
});
