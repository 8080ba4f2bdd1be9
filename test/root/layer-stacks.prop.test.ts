/** Needs root. Random stacks of small layers, full of collisions. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { findError } from '#errors';
import { openUnpacker } from '#layer';
import { openSnapshots } from '#snapshot';
import { describeTree } from '../support/describe-tree.ts';
import { tarOf, type EntryWords } from '../support/tar-entries.ts';
import { unpackStack } from '../support/unpack-stack.ts';

const directory = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'gantry-random-')));
const unpacker = openUnpacker({ threads: 1 });
after(async () => {
  await unpacker[Symbol.asyncDispose]();
  fs.rmSync(directory, { recursive: true });
});

const name = fc.constantFrom('a', 'b');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const mode = fc.constantFrom(0o700, 0o755, 0o1777);
const mtime = fc.integer({ min: 1, max: 9 });
const entry: fc.Arbitrary<EntryWords> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ name: path.map((text) => `${text}/`), mode, mtime }) },
  { weight: 3, arbitrary: fc.record({ name: path, content: fc.constantFrom('', 'x', 'yy'), mode, mtime }) },
  fc.record({
    name: path,
    type: fc.constant('symlink' as const),
    linkName: fc.oneof(
      path,
      path.map((text) => `/${text}`),
    ),
    mtime,
  }),
  fc.record({ name: path, type: fc.constant('hardlink' as const), linkName: path }),
  { weight: 2, arbitrary: path.map((text) => ({ name: text.replace(/[^/]+$/, (base) => `.wh.${base}`) })) },
  path.map((text) => ({ name: `${text}/.wh..wh..opq` })),
);
const stack = fc.array(fc.array(entry, { maxLength: 7 }), { minLength: 2, maxLength: 3 });

/** overlayfs parts names of one file when it copies one of them up: who is linked to whom is not compared. */
const unlinked = (lines: readonly string[]): string[] => lines.map((line) => line.replace(/ = \S+/, ''));

let runs = 0;
test('layers stacked by overlayfs show what the same layers show when they are applied in order', async () => {
  await fc.assert(
    fc.asyncProperty(stack, async (layers) => {
      const place = join(directory, String(runs++));
      fs.mkdirSync(join(place, 'ordered'), { recursive: true });
      const archives = layers.map((entries, index) => {
        const file = join(place, `${index}.tar`);
        fs.writeFileSync(file, tarOf([...entries, { name: `layer-${index}` }]));
        return file;
      });
      const ordered = await attempt(async () => {
        for (const file of archives) {
          await unpacker.unpack({ path: file }, { target: join(place, 'ordered'), mode: 'merged' });
        }
        return unlinked(describeTree(join(place, 'ordered')));
      });
      const stacked = await attempt(async () => {
        await using snapshots = await openSnapshots({ directory: join(place, 'snapshots') });
        const { keys } = await unpackStack(archives, { snapshots, unpacker });
        const target = join(place, 'stacked');
        fs.mkdirSync(target);
        await using _mounted = await snapshots.mount(keys, { target });
        return unlinked(describeTree(target));
      });
      assert.deepEqual(stacked, ordered);
      fs.rmSync(place, { recursive: true });
    }),
    { numRuns: 25 },
  );
});

/** What comes of it, or that the layer was refused. */
async function attempt(action: () => Promise<string[]>): Promise<string[] | 'refused'> {
  try {
    return await action();
  } catch (error) {
    if (findError(error, { kind: 'corrupt', code: 'layer-tar' }) === undefined) throw error;
    return 'refused';
  }
}
