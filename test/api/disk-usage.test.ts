/** Needs root: layers are unpacked, with names that are no text and hard links. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DiskUsage } from '#wire';
import { openEngineClient } from '#engine-client';
import { gantry, openGantryDaemon } from '../support/gantry.ts';
import { succeed, temporaryDirectory } from '../support/peers.ts';
import { tarOf } from '../support/tar-entries.ts';

test('the sums of /system/df are those of du', async () => {
  await using scratch = await temporaryDirectory('df');
  await using daemon = await openGantryDaemon({ dir: join(scratch.path, 'd') });
  const archive = join(scratch.path, 'root.tar');
  await writeFile(
    archive,
    tarOf([
      { name: 'na\xefve', content: 'x'.repeat(50_000) },
      { name: 'link', type: 'hardlink', linkName: 'na\xefve' },
    ]),
  );
  const { code, stderr } = await gantry(['--host', daemon.host, 'import', archive, 'x:1']);
  assert.equal(code, 0, stderr);
  const partial = join(daemon.dataRoot, 'ingests', `sha256-${'0'.repeat(64)}`);
  await mkdir(partial);
  await writeFile(join(partial, 'data'), 'y'.repeat(30_000));
  await using client = await openEngineClient({ host: daemon.host });
  const usage = (await (
    await client.request({ method: 'GET', path: '/system/df', query: { store: 1 } })
  ).json()) as DiskUsage;
  assert.ok(usage.Store);
  const { Unpacked, Blobs, Partial, Other } = usage.Store;
  const du = async (path: string) => {
    const out = await succeed('du', ['--summarize', '--block-size=1', join(daemon.dataRoot, path)]);
    return Number(out.split('\t')[0]);
  };
  assert.equal(Unpacked, await du('snapshots'));
  assert.equal(Blobs, await du('blobs'));
  assert.equal(Partial, (await du('ingests')) + (await du('uploads')));
  assert.equal(Unpacked + Blobs + Partial + Other, await du(''));
});
