import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestEngine } from '../../test/support/test-engine.ts';
import { searchImages, type SearchQuery } from './index.ts';

const results = [
  { name: 'a', description: '', stars: 10, official: true, automated: false },
  { name: 'b', description: '', stars: 3, official: false, automated: true },
];

async function asked(term: string): Promise<[string, SearchQuery][]> {
  await using made = await openTestEngine();
  const queries: [string, SearchQuery][] = [];
  const search = async (domain: string, query: SearchQuery) => {
    queries.push([domain, query]);
    return [];
  };
  await searchImages({ ...made.engine, registries: { ...made.engine.registries, search } }, term, {
    limit: 7,
  });
  return queries;
}

for (const [term, domain, words] of [
  ['busybox', 'docker.io', 'busybox'],
  ['library/busybox', 'docker.io', 'library/busybox'],
  ['r.example/x/y', 'r.example', 'x/y'],
  ['localhost/x', 'localhost', 'x'],
  ['127.0.0.1:5000/x', '127.0.0.1:5000', 'x'],
  ['index.docker.io/x', 'docker.io', 'x'],
] as const) {
  test(`${term} is searched for at ${domain}`, async () => {
    assert.deepEqual(await asked(term), [[domain, { term: words, limit: 7 }]]);
  });
}

test('filters leave what fits them', async () => {
  await using made = await openTestEngine();
  made.searchResults.push(...results);
  const names = async (filters: object) =>
    (await searchImages(made.engine, 'x', { filters })).map(({ name }) => name);
  assert.deepEqual(await names({}), ['a', 'b']);
  assert.deepEqual(await names({ official: true }), ['a']);
  assert.deepEqual(await names({ official: false }), ['b']);
  assert.deepEqual(await names({ automated: true }), ['b']);
  assert.deepEqual(await names({ stars: 4 }), ['a']);
  assert.deepEqual(await names({ stars: 10, official: false }), []);
});

test("limits and terms that cannot be are refused in docker's words", async () => {
  await using made = await openTestEngine();
  for (const limit of [0, 101, -1, 1.5]) {
    await assert.rejects(searchImages(made.engine, 'x', { limit }), {
      kind: 'invalid-argument',
      code: 'search-limit',
      message: `limit ${limit} is outside the range of [1, 100]`,
    });
  }
  await assert.rejects(searchImages(made.engine, 'http://x'), {
    code: 'search-term',
    message: 'invalid repository name: repository name (http://x) should not have a scheme',
  });
});
