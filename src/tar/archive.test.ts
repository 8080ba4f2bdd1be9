import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTar, type TarMember } from './index.ts';
import { end, pax, raw } from './raw-archive.suite.ts';

async function* cut(archive: Uint8Array, size: number, onClose = (): void => {}): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; at < archive.length; at += size) yield archive.subarray(at, at + size);
  } finally {
    onClose();
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of body) text += Buffer.from(chunk).toString('latin1');
  return text;
}

const archive = Buffer.concat([raw({ name: 'a', data: 'first' }), raw({ name: 'b', data: 'second' }), end]);

test('members come with their content, however the archive is cut', async () => {
  for (const size of [1, 7, 512, 5000]) {
    const found: string[] = [];
    for await (const { entry, body } of readTar(cut(archive, size))) {
      found.push(`${entry.name}: ${await textOf(body)}`);
    }
    assert.deepEqual(found, ['a: first', 'b: second']);
  }
});

test('what is left unread is skipped', async () => {
  const big = Buffer.concat([raw({ name: 'big', data: 'x'.repeat(5000) }), archive]);
  const names: string[] = [];
  for await (const { entry, body } of readTar(cut(big, 100))) {
    names.push(entry.name);
    if (entry.name === 'big') await body[Symbol.asyncIterator]().next();
  }
  assert.deepEqual(names, ['big', 'a', 'b']);
});

test('holes are zero bytes, and a huge one that is not read costs nothing', async () => {
  const hole = (size: number): Buffer => pax([`GNU.sparse.size=${size}`, 'GNU.sparse.map=1,1']);
  const file = raw({ data: 'z' });
  const sparse = Buffer.concat([hole(2 ** 50), file, hole(100_000), file, end]);
  const sizes: number[] = [];
  for await (const { entry, body } of readTar(cut(sparse, 1000))) {
    sizes.push(entry.size);
    if (entry.size === 100_000) assert.equal(await textOf(body), '\0z'.padEnd(100_000, '\0'));
  }
  assert.deepEqual(sizes, [2 ** 50, 100_000]);
});

test('a body read too late says so', async () => {
  const members = readTar(cut(archive, 100));
  const first = (await members.next()).value as TarMember;
  await members.next();
  await assert.rejects(textOf(first.body), { code: 'tar-body-passed' });
});

test('the source is closed when the consumer stops', async () => {
  let closed = false;
  const source = cut(archive, 100, () => {
    closed = true;
  });
  for await (const { entry } of readTar(source)) if (entry.name === 'a') break;
  assert.ok(closed);
});

test('members before the damage come first, then the error', async () => {
  const damaged = Buffer.concat([raw({ name: 'a', data: 'first' }), raw({ checksum: 'none' })]);
  const found: string[] = [];
  await assert.rejects(
    async () => {
      for await (const { entry, body } of readTar(cut(damaged, 4096))) {
        found.push(`${entry.name}: ${await textOf(body)}`);
      }
    },
    { code: 'tar-header' },
  );
  assert.deepEqual(found, ['a: first']);
  const truncated = readTar(cut(archive.subarray(0, 514), 100));
  const first = (await truncated.next()).value as TarMember;
  await assert.rejects(textOf(first.body), { code: 'tar-truncated' });
});
