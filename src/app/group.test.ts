import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { socketGroup } from './group.ts';

const directory = await mkdtemp(path.join(tmpdir(), 'gantry-group-'));
after(() => rm(directory, { recursive: true }));
const file = path.join(directory, 'group');
await writeFile(file, 'root:x:0:\ndockers:x:1:\ndocker:x:998:me,you\nwheel:x:10:\n');

test('a group is found by its name, or is a number', async () => {
  assert.equal(await socketGroup('wheel', { uid: 1000, file }), 10);
  assert.equal(await socketGroup('4711', { uid: 1000, file }), 4711);
  await assert.rejects(socketGroup('nobodys', { uid: 0, file }), { code: 'group-unknown' });
});

test("without one, root's socket belongs to docker where there is such a group", async () => {
  assert.equal(await socketGroup('', { uid: 0, file }), 998);
  assert.equal(await socketGroup('', { uid: 0, file: path.join(directory, 'none') }), undefined);
  assert.equal(await socketGroup('', { uid: 1000, file }), undefined);
});
