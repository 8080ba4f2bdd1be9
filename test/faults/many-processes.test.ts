/**
 * Needs root. Ten processes work on one store with mixed commands. MIXED_SECONDS says for how long; 20 unless told.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fsck } from '#engine';
import { gantry } from '../support/gantry.ts';
import { openRegistry, temporaryDirectory } from '../support/peers.ts';
import { publish } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';
import { openStoreEngine } from '../support/store-engine.ts';

const seconds = Number(process.env['MIXED_SECONDS'] ?? 20);
const processes = 10;

/** What a command may say when another one was faster. */
const overtaken =
  /No such image|image not known|is being used|conflict|does not exist|not found|in use|must be forced/i;

test(`${processes} processes with mixed commands for ${seconds} s leave a sound store`, async (t) => {
  await using scratch = await temporaryDirectory('mixed');
  await using registry = await openRegistry();
  const repository = `${registry.host}/mixed`;
  for (const n of [0, 1, 2]) {
    // Two layers of the three are in each other image too.
    await publish(registry.url, `mixed/image${n}`, '1', randomImage({ seed: n >> 1, layers: 2 + (n % 2) }));
  }
  await writeFile(join(scratch.path, 'root.tar'), randomImage({ seed: 9, layers: 1 }).tars[0]!);
  const store = join(scratch.path, 'store');
  const pick = (): string => `${repository}/image${Math.floor(Math.random() * 3)}:1`;
  const commands: readonly (() => readonly string[])[] = [
    () => ['pull', pick()],
    () => ['pull', pick()],
    () => ['rmi', '--force', pick()],
    () => ['tag', pick(), `again:${Math.floor(Math.random() * 3)}`],
    () => ['rmi', `again:${Math.floor(Math.random() * 3)}`],
    () => ['import', join(scratch.path, 'root.tar'), 'imported:1'],
    () => ['image', 'prune', '--force'],
    () => ['image', 'prune', '--all', '--force'],
    () => ['images', '--all'],
    () => ['save', '--output', join(scratch.path, `${Math.random()}.tar`), pick()],
    () => ['push', pick()],
  ];
  const end = performance.now() + seconds * 1000;
  let done = 0;
  let lost = 0;
  const work = async (): Promise<void> => {
    while (performance.now() < end) {
      const words = commands[Math.floor(Math.random() * commands.length)]!();
      const { code, stderr } = await gantry(['--data-root', store, ...words]);
      done++;
      if (code === 0) continue;
      lost++;
      assert.match(stderr, overtaken, words.join(' '));
    }
  };
  await Promise.all(Array.from({ length: processes }, work));
  t.diagnostic(`${done} commands, ${lost} of them overtaken by another`);
  assert.ok(done > processes, 'each process has done something');
  await using opened = await openStoreEngine(store);
  assert.deepEqual((await fsck(opened.engine, { deep: true })).findings, []);
});
