/**
 * Needs root, umoci and podman. Random stacks as we unpack them and as others do. FOREIGN_STACKS says how many go
 * through umoci; a tenth of them goes through podman, which is slower. FOREIGN_SEED chooses others.
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
import { describeTree } from '../support/describe-tree.ts';
import { unpackByPodman, unpackByUmoci } from '../support/foreign-unpackers.ts';
import { requireTools } from '../support/peers/tools.ts';
import { orderly, randomStack, withCommonWords, type Stack } from '../support/random-stack.ts';
import { tarOf } from '../support/tar-entries.ts';

const seed = Number(process.env['FOREIGN_SEED'] ?? 1);
const wanted = Number(process.env['FOREIGN_STACKS'] ?? 200);

await requireTools(['umoci', 'podman']);
const directory = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'gantry-foreign-')));
execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', directory]);
const unpacker = openUnpacker({ threads: 1 });
after(async () => {
  await unpacker[Symbol.asyncDispose]();
  // podman leaves its own mounts below.
  execFileSync('umount', ['--recursive', directory]);
  fs.rmdirSync(directory);
});

let places = 0;

test(`${wanted} random stacks come out as umoci unpacks them`, async (t) => {
  const compared = await compareAll(wanted, {
    prepare: withCommonWords,
    unpack: unpackByUmoci,
    // It sets no time where it removed something later, and 1970 for a root that no layer speaks of.
    alike: (ours, theirs) =>
      / 4\d+ \d+:\d+ now/.test(theirs) ? untimed(ours) : ours.replace(/^(\. .*) now$/, '$1 0'),
    ofTheirs: (line) => (/ 4\d+ \d+:\d+ now/.test(line) ? untimed(line) : line),
  });
  t.diagnostic(`${compared} compared`);
});

test(`${Math.ceil(wanted / 10)} random stacks come out as podman unpacks them`, async (t) => {
  const compared = await compareAll(Math.ceil(wanted / 10), {
    // It refuses a layer that has a name twice, and makes the directories of marks.
    prepare: (layers) => orderly(withCommonWords(layers)),
    unpack: unpackByPodman,
    // Its times of directories are those of its own work, where entries came later; a directory that is entered
    // again keeps its attributes, which umoci and we take away; a root that no layer speaks of
    // has the mode that it likes best.
    alike: (ours) => bare(ours.replace('. 40755 0:0 now', '. 40555 0:0 now')),
    ofTheirs: bare,
  });
  t.diagnostic(`${compared} compared`);
});

interface Comparison {
  readonly prepare: (layers: Stack) => Stack;
  readonly unpack: (archives: readonly string[], place: string) => string;
  /** Our line as far as the peer has a word on it, given its own. */
  readonly alike: (ours: string, theirs: string) => string;
  readonly ofTheirs: (line: string) => string;
}

/** Compares random stacks, those that one side refuses left out, and answers how many. */
async function compareAll(count: number, { prepare, unpack, alike, ofTheirs }: Comparison): Promise<number> {
  let compared = 0;
  for (const layers of fc.sample(randomStack.map(prepare), { numRuns: count, seed })) {
    const place = join(directory, String(places++));
    const ours = await unpackByUs(layers, place);
    if (ours === undefined) continue;
    const theirs = unpackByThem(() => unpack(archivesOf(layers, place), place));
    if (theirs === undefined) continue;
    assert.deepEqual(
      ours.map((line, index) => alike(line, theirs[index] ?? '')),
      theirs.map(ofTheirs),
      JSON.stringify(layers),
    );
    compared++;
  }
  assert.ok(compared >= count / 2, `only ${compared} of ${count} stacks could be compared`);
  return compared;
}

/** Undefined when they refuse the stack, as they do some odd ones that we take. */
function unpackByThem(unpack: () => string): readonly string[] | undefined {
  try {
    return describeTree(unpack());
  } catch (error) {
    if (error instanceof Error && 'stderr' in error) return undefined;
    throw error;
  }
}

async function unpackByUs(layers: Stack, place: string): Promise<readonly string[] | undefined> {
  const target = join(place, 'ours');
  fs.mkdirSync(target, { recursive: true });
  try {
    for (const path of archivesOf(layers, place)) await unpacker.unpack({ path }, { target, mode: 'merged' });
  } catch (error) {
    if (findError(error, { code: 'layer-tar' }) === undefined) throw error;
    return undefined;
  }
  return describeTree(target);
}

function archivesOf(layers: Stack, place: string): readonly string[] {
  return layers.map((entries, index) => {
    const file = join(place, `${index}.tar`);
    fs.writeFileSync(file, tarOf([...entries, { name: `layer-${index}` }]));
    return file;
  });
}

/** A directory's line without its time. */
function untimed(line: string): string {
  return line.replace(/^(\S+ 4\d+ \d+:\d+) \S+/, '$1');
}

/** A directory's line without its time and attributes. */
function bare(line: string): string {
  return line.replace(/^(\S+ 4\d+ \d+:\d+) .*/, '$1');
}
