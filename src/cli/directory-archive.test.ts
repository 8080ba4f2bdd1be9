import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readTar } from '#tar';
import { directoryArchive } from './directory-archive.ts';

test('a directory comes as a tar of its files, folders and links, in the order of their names', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'gantry-directory-'));
  try {
    await mkdir(path.join(directory, 'blobs'));
    await writeFile(path.join(directory, 'blobs', 'b'), 'two');
    await writeFile(path.join(directory, 'blobs', 'a'), '');
    await symlink('blobs/b', path.join(directory, 'link'));
    const found: string[][] = [];
    for await (const { entry, body } of readTar(directoryArchive(directory))) {
      const bytes: Uint8Array[] = [];
      for await (const chunk of body) bytes.push(Uint8Array.from(chunk));
      found.push([entry.type, entry.name, entry.linkName, Buffer.concat(bytes).toString()]);
    }
    assert.deepEqual(found, [
      ['directory', 'blobs/', '', ''],
      ['file', 'blobs/a', '', ''],
      ['file', 'blobs/b', '', 'two'],
      ['symlink', 'link', 'blobs/b', ''],
    ]);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a directory that is not there is an error', async () => {
  await assert.rejects(Array.fromAsync(directoryArchive('/nonexistent')), { code: 'errno-enoent' });
});
