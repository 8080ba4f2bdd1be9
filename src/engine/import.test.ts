import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { digestOf, parseReference } from '#oci';
import { streamOf, tarOf } from '../../test/support/compose-image.ts';
import { openTestEngine, type TestEngine } from '../../test/support/test-engine.ts';
import { imageHistory, importImage, inspectImage, type ImportOptions } from './index.ts';

const tar = tarOf({ 'etc/': '', 'etc/motd': 'hello' });
const now = Date.UTC(2026, 0, 2, 3, 4, 5);

function open(): Promise<TestEngine> {
  return openTestEngine({ clock: () => now });
}

function importTar(made: TestEngine, bytes: Uint8Array, options: Partial<ImportOptions> = {}) {
  return importImage(made.engine, streamOf(bytes), { source: '-', ...options });
}

test('a tar becomes an image of one layer', async () => {
  await using made = await open();
  const id = await importTar(made, tar, {
    reference: parseReference('b'),
    changes: ['CMD ["sh"]', 'LABEL a=1'],
    platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
  });
  const { record, config, tags } = await inspectImage(made.engine, 'b:latest');
  assert.equal(record.id, id);
  assert.deepEqual(tags, ['b:latest']);
  assert.deepEqual([record.os, record.architecture, record.variant], ['linux', 'arm64', 'v8']);
  assert.deepEqual(record.labels, { a: '1' });
  assert.deepEqual(
    record.layers.map(({ blob, diffId }) => [blob, diffId]),
    [[digestOf(tar), digestOf(tar)]],
  );
  assert.deepEqual(config.config, { Cmd: ['sh'], Labels: { a: '1' } });
  assert.deepEqual(config.diffIds, [digestOf(tar)]);
  assert.equal(config.created, '2026-01-02T03:04:05.000Z');
  assert.equal(config.comment, 'Imported from -');
  assert.deepEqual(await imageHistory(made.engine, 'b'), [
    {
      id,
      created: '2026-01-02T03:04:05.000Z',
      createdBy: '',
      comment: 'Imported from -',
      size: record.size,
      tags: ['b:latest'],
    },
  ]);
});

test('compressed bytes are kept as they came', async () => {
  await using made = await open();
  const stored = gzipSync(tar);
  const id = await importTar(made, stored);
  const { record } = await inspectImage(made.engine, id);
  assert.deepEqual(
    record.layers.map(({ blob, diffId }) => [blob, diffId]),
    [[digestOf(stored), digestOf(tar)]],
  );
});

test('the message is the comment', async () => {
  await using made = await open();
  const id = await importTar(made, tar, { message: 'from a friend', source: 'http://x' });
  assert.equal((await inspectImage(made.engine, id)).config.comment, 'from a friend');
});

test('the same import is the same image', async () => {
  await using made = await open();
  assert.equal(await importTar(made, tar), await importTar(made, tar));
});

test('an empty tar is an image too', async () => {
  await using made = await open();
  const id = await importTar(made, new Uint8Array());
  assert.deepEqual((await inspectImage(made.engine, id)).config.diffIds, [digestOf(new Uint8Array())]);
});

test('a named import has two events, an unnamed one', async () => {
  await using made = await open();
  const id = await importTar(made, tar, { reference: parseReference('b:1') });
  await importTar(made, tar);
  assert.deepEqual(
    made.engine.events.recent().map(({ action, attributes }) => [action, attributes['name']]),
    [
      ['tag', 'b:1'],
      ['import', id],
      ['import', id],
    ],
  );
});

for (const [name, options, code] of [
  ['a bad change', { changes: ['FROM x'] }, 'change-invalid'],
  ['a digest as a name', { reference: parseReference(`b@${digestOf(tar)}`) }, 'reference-digest'],
  [
    'another operating system',
    { platform: { os: 'windows', architecture: 'amd64' } },
    'platform-unsupported',
  ],
] as const) {
  test(`${name} is refused before anything is read`, async () => {
    await using made = await open();
    let read = false;
    const source = (async function* () {
      read = true;
      yield tar;
    })();
    await assert.rejects(importImage(made.engine, source, { source: '-', ...options }), {
      kind: 'invalid-argument',
      code,
    });
    assert.equal(read, false);
  });
}

test('an import that breaks off leaves nothing', async () => {
  await using made = await open();
  const breaks = (async function* () {
    yield tar.subarray(0, 100);
    throw new Error('line broke');
  })();
  await assert.rejects(importImage(made.engine, breaks, { source: '-' }), { message: 'line broke' });
  assert.deepEqual(await Array.fromAsync(made.engine.content.list()), []);
  assert.deepEqual(await made.engine.metadata.images(), []);
});
