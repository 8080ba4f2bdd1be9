/** Needs root. Disks that fill up, run out of inodes or turn read-only in a pull: one sentence, nothing lost. */
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fsck } from '#engine';
import { gantry } from '../support/gantry.ts';
import {
  openRegistry,
  succeed,
  temporaryDirectory,
  type Registry,
  type RunResult,
} from '../support/peers.ts';
import { publish } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';
import { openStoreEngine } from '../support/store-engine.ts';

const image = randomImage({ seed: 11, layers: 3, fileSize: 400_000 });

describe('a disk that fails in a pull', () => {
  const stack = new AsyncDisposableStack();
  let registry: Registry;
  let scratch: string;
  before(async () => {
    scratch = stack.use(await temporaryDirectory('disk')).path;
    registry = stack.use(await openRegistry());
    await publish(registry.url, 'fault/image', '1', image);
  });
  after(() => stack.disposeAsync());

  const pull = (store: string): Promise<RunResult> =>
    gantry(['--data-root', store, 'pull', `${registry.host}/fault/image:1`]);

  async function onDisk(options: string, work: (disk: string) => Promise<void>): Promise<void> {
    const disk = join(scratch, 'disk');
    await mkdir(disk, { recursive: true });
    await succeed('mount', ['-t', 'tmpfs', '-o', `mode=0755,${options}`, 'tmpfs', disk]);
    try {
      await work(disk);
    } finally {
      await succeed('umount', [disk]);
    }
  }

  /** After a failure: with room again, the store is sound, and the same pull succeeds. */
  async function demandRecovery(disk: string, failed: RunResult, room: string): Promise<void> {
    if (failed.code !== 0) {
      assert.match(failed.stderr, /no space left|disk is full|full/i);
      assert.equal(failed.stderr.trim().split('\n').length, 1, failed.stderr);
    }
    await succeed('mount', ['-o', `remount,${room}`, disk]);
    const store = join(disk, 'store');
    const { code, stderr } = await pull(store);
    assert.equal(code, 0, stderr);
    await using opened = await openStoreEngine(store);
    assert.deepEqual((await fsck(opened.engine, { deep: true })).findings, []);
  }

  for (const kilobytes of [8, 64, 128, 192, 256, 512, 1024, 1536, 2048, 2560, 3072]) {
    test(`full after ${kilobytes} KiB`, () =>
      onDisk(`size=${kilobytes}k`, async (disk) => {
        await demandRecovery(disk, await pull(join(disk, 'store')), 'size=64m');
      }));
  }

  for (const inodes of [4, 8, 16, 24, 32, 40]) {
    test(`no inode left after ${inodes}`, () =>
      onDisk(`nr_inodes=${inodes}`, async (disk) => {
        await demandRecovery(disk, await pull(join(disk, 'store')), 'nr_inodes=10000');
      }));
  }

  test('read-only: what changes is refused in one sentence, and nothing is lost', () =>
    onDisk('size=64m', async (disk) => {
      const store = join(disk, 'store');
      assert.equal((await pull(store)).code, 0);
      await succeed('mount', ['-o', 'remount,ro', disk]);
      for (const words of [
        ['pull', `${registry.host}/fault/image:2`],
        ['tag', `${registry.host}/fault/image:1`, 'other:1'],
        ['rmi', `${registry.host}/fault/image:1`],
      ]) {
        const { code, stderr } = await gantry(['--data-root', store, ...words]);
        assert.equal(code, 1, words.join(' '));
        assert.match(stderr, /read-only|readonly/i);
        assert.equal(stderr.trim().split('\n').length, 1, stderr);
      }
      await succeed('mount', ['-o', 'remount,rw', disk]);
      await using opened = await openStoreEngine(store);
      assert.deepEqual((await fsck(opened.engine, { deep: true })).findings, []);
      assert.equal((await opened.engine.metadata.names()).length, 2);
    }));
});
