/**
 * Needs root. Random stacks of layers, each compared in two ways that must agree: each layer by itself and stacked
 * by overlayfs, and one after another into one directory. STACKS says how many are compared at least.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { findError } from '#errors';
import { openUnpacker } from '#layer';
import { openSnapshots } from '#snapshot';
import { describeTree } from '../support/describe-tree.ts';
import { randomStack, type Stack } from '../support/random-stack.ts';
import { tarOf } from '../support/tar-entries.ts';
import { unpackStack } from '../support/unpack-stack.ts';

const atOnce = 6;
const stacks = Number(process.env['STACKS'] ?? 2000);

const directory = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'gantry-random-')));
// In memory: what is durable is not asked here, and every commit syncs its file system.
execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', directory]);
const unpacker = openUnpacker({ threads: 2 });
after(async () => {
  await unpacker[Symbol.asyncDispose]();
  execFileSync('umount', [directory]);
  fs.rmdirSync(directory);
});

let runs = 0;
let refused = 0;
test(`${stacks} stacks of layers show by overlayfs what they show applied in order`, async () => {
  // Mounting is mostly waiting: several at once take the time of one.
  const share = { numRuns: Math.ceil(stacks / atOnce) };
  const property = fc.asyncProperty(randomStack, compare);
  await Promise.all(Array.from({ length: atOnce }, () => fc.assert(property, share)));
  assert.equal(runs >= stacks, true);
  assert.ok(refused < runs / 2, `${refused} of ${runs} stacks were refused: too few were compared`);
});

async function compare(layers: Stack): Promise<void> {
  const place = join(directory, String(runs++));
  fs.mkdirSync(join(place, 'ordered'), { recursive: true });
  const archives = layers.map((entries, index) => {
    const file = join(place, `${index}.tar`);
    // Layers that are equal by chance have one diff id; here each is made.
    fs.writeFileSync(file, tarOf([...entries, { name: `layer-${index}` }]));
    return file;
  });
  let depends: readonly number[] = [];
  const [ordered, stacked] = await Promise.all([
    attempt(async () => {
      for (const path of archives) {
        await unpacker.unpack({ path }, { target: join(place, 'ordered'), mode: 'merged' });
      }
      return describeTree(join(place, 'ordered'));
    }),
    attempt(async () => {
      await using snapshots = await openSnapshots({ directory: join(place, 'snapshots') });
      const stack = await unpackStack(archives, { snapshots, unpacker });
      depends = stack.depends;
      const target = join(place, 'stacked');
      fs.mkdirSync(target);
      await using _mounted = await snapshots.mount(stack.keys, { target });
      return describeTree(target);
    }),
  ]);
  // overlayfs parts the names of one file when it copies one of them up, which only dependent layers make it do.
  const isParted = depends.some((index) => index > 0);
  if (ordered === 'refused') refused++;
  assert.deepEqual(isParted ? unlinked(stacked) : stacked, isParted ? unlinked(ordered) : ordered);
  fs.rmSync(place, { recursive: true });
}

type Outcome = readonly string[] | 'refused';

function unlinked(outcome: Outcome): Outcome {
  return outcome === 'refused' ? outcome : outcome.map((line) => line.replace(/ = \S+/, ''));
}

/** What comes of it, or that the layer was refused. */
async function attempt(action: () => Promise<string[]>): Promise<Outcome> {
  try {
    return await action();
  } catch (error) {
    if (findError(error, { kind: 'corrupt', code: 'layer-tar' }) === undefined) throw error;
    return 'refused';
  }
}
