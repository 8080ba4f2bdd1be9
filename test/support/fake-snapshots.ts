import { mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { growingStates } from '#content';
import { fromErrno } from '#errors';
import { decompress, type Unpacker } from '#layer';
import { digestOf, type Digest } from '#oci';
import { readTar } from '#tar';
import type { PreparedSnapshot, SnapshotInfo, Snapshots } from '#snapshot';
import { streamOf } from './compose-image.ts';

/** Snapshots in a directory of one test, without mounts, and what was done with them. */
export interface FakeSnapshots extends Snapshots, AsyncDisposable {
  /** Keys in the order of their commits. */
  readonly committed: Digest[];
  /** For each mount over lower layers: their keys, base first. */
  readonly mounted: (readonly Digest[])[];
  /** Prepared directories that are neither committed nor disposed. */
  unfinished(): number;
}

export async function openFakeSnapshots(): Promise<FakeSnapshots> {
  const root = await mkdtemp(path.join(tmpdir(), 'gantry-snapshots-'));
  const snapshots = new Map<Digest, SnapshotInfo>();
  const turns = new Map<Digest, Promise<void>>();
  const committed: Digest[] = [];
  const mounted: (readonly Digest[])[] = [];
  let unfinished = 0;

  async function prepare(
    diffId: Digest,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<PreparedSnapshot> {
    const turn = Promise.withResolvers<undefined>();
    const before = turns.get(diffId);
    turns.set(
      diffId,
      Promise.all([before, turn.promise]).then(() => undefined),
    );
    await before;
    if (signal?.aborted === true) {
      turn.resolve(undefined);
      signal.throwIfAborted();
    }
    const directory = await mkdtemp(path.join(root, 'new-'));
    unfinished++;
    let ended = false;
    const end = () => {
      if (!ended) unfinished--;
      ended = true;
      turn.resolve(undefined);
    };
    return {
      directory,
      async mountAbove(lower) {
        mounted.push(lower);
        for (const key of lower) if (!snapshots.has(key)) throw new Error(`no snapshot ${key}`);
        await rm(directory, { recursive: true });
        await mkdir(directory);
        return { target: directory };
      },
      async commit(key, size) {
        const info = snapshots.get(key) ?? { key, directory, size };
        snapshots.set(key, info);
        committed.push(key);
        end();
        return info;
      },
      async [Symbol.asyncDispose]() {
        end();
      },
    };
  }

  return {
    committed,
    mounted,
    unfinished: () => unfinished,
    prepare,
    stat: async (key) => snapshots.get(key),
    mount: async () => ({ [Symbol.asyncDispose]: async () => undefined }),
    remove: async (key) => void snapshots.delete(key),
    async *list() {
      yield* snapshots.values();
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true }),
  };
}

/** One use of an unpacker. */
export interface Unpacking {
  readonly diffId: Digest;
  readonly mode: string;
}

/**
 * An unpacker in this thread that makes files of one level. A name with a slash in it counts as one that needs the
 * layers below. `uses` tells what it was used for.
 */
export function createFakeUnpacker(uses: Unpacking[]): Unpacker {
  return {
    async unpack({ path: name, progress }, { target, mode = 'alone', signal } = {}) {
      // First: a file that grows is moved away when it is whole.
      await using file = await open(name).catch((error: unknown) => {
        throw fromErrno(error, `open the layer ${name}`);
      });
      const state = progress === undefined ? undefined : new BigInt64Array(progress);
      while (state !== undefined && Atomics.load(state, 1) === growingStates.growing) {
        signal?.throwIfAborted();
        await setImmediate();
      }
      const tar = Buffer.concat(await Array.fromAsync(decompress(streamOf(await file.readFile()))));
      let size = 0;
      let dependsOnLower: string | undefined;
      for await (const { entry, body } of readTar(streamOf(tar))) {
        size += entry.size;
        if (target === undefined) continue;
        if (entry.name.includes('/')) dependsOnLower = `${entry.name} has no directory`;
        await writeFile(path.join(target, entry.name.replaceAll('/', '_')), body);
      }
      signal?.throwIfAborted();
      const diffId = digestOf(tar);
      uses.push({ diffId, mode: target === undefined ? 'read' : mode });
      return { diffId, tarSize: tar.length, size, dependsOnLower, statesRoot: false };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** The names in a snapshot's directory. */
export async function namesIn(snapshot: SnapshotInfo | undefined): Promise<readonly string[]> {
  return snapshot === undefined ? [] : readdir(snapshot.directory);
}
