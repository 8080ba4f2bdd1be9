import type { Digest } from '#oci';
import { sweep } from './collect.ts';
import type { Engine } from './engine.ts';

/** Something that nothing needs. Sizes are in bytes. */
interface Leftover {
  readonly kind: 'blob' | 'snapshot' | 'ingest' | 'upload';
  /** A digest (of a snapshot its key), or the id of an upload. */
  readonly name: string;
  readonly size: number;
}

interface CollectOptions {
  /** Nothing is removed; what would be is answered. */
  readonly dryRun?: boolean;
  /** Milliseconds for which bytes are left alone that nobody needs yet: an hour, longer than any store of one blob. */
  readonly grace?: number;
  readonly signal?: AbortSignal;
}

const hour = 60 * 60 * 1000;

/** How long an upload that someone holds is waited for. */
const patience = 100;

/**
 * Removes what work that was killed, or a store of before, has left: blobs, unpacked layers, unfinished downloads and
 * uploads that no image, name, repository or live lease needs. Other work may go on meanwhile. A dry run answers what
 * the run would, in the same order, and changes nothing.
 *
 * @throws the signal's reason; what ContentStore, Snapshots and Metadata throw
 */
export async function collectGarbage(
  engine: Engine,
  { dryRun = false, grace = hour, signal }: CollectOptions = {},
): Promise<readonly Leftover[]> {
  const now = engine.clock();
  const found = await candidates(engine, now - grace);
  signal?.throwIfAborted();
  const digests = found.flatMap(({ digest }) => digest ?? []);
  const unneeded = new Set(await engine.metadata.unneeded(digests, now));
  const sessions = new Set(
    await engine.metadata.repositories.uploads.startedBefore(Infinity, Number.MAX_SAFE_INTEGER),
  );
  const leftovers = found.filter(({ leftover, digest }) =>
    digest === undefined ? !sessions.has(leftover.name) : unneeded.has(digest),
  );
  if (dryRun) return leftovers.map(({ leftover }) => leftover);
  const whole = leftovers.filter(({ leftover: { kind } }) => kind === 'blob' || kind === 'snapshot');
  const swept = new Set(
    await sweep(
      engine,
      whole.flatMap(({ digest }) => digest ?? []),
    ),
  );
  const removed: Leftover[] = [];
  for (const { leftover, digest } of leftovers) {
    signal?.throwIfAborted();
    const isWhole = leftover.kind === 'blob' || leftover.kind === 'snapshot';
    const gone = isWhole ? digest !== undefined && swept.has(digest) : await drop(engine, leftover, digest);
    if (gone) removed.push(leftover);
  }
  return removed;
}

/** What may be a leftover; `digest` is what would need it. */
interface Candidate {
  readonly leftover: Leftover;
  readonly digest: Digest | undefined;
}

async function candidates({ content, unpacking }: Engine, before: number): Promise<readonly Candidate[]> {
  const found: Candidate[] = [];
  for await (const written of content.writtenBefore(before)) {
    const { kind, size } = written;
    const digest = kind === 'upload' ? undefined : written.digest;
    found.push({ leftover: { kind, name: kind === 'upload' ? written.id : written.digest, size }, digest });
  }
  const old = new Set(
    found.flatMap(({ leftover, digest }) => (leftover.kind === 'blob' ? (digest ?? []) : [])),
  );
  for await (const { key, size } of unpacking?.snapshots.list() ?? []) {
    // One digest may name both: a blob that just came is not removed with the directory of the same name.
    if (!old.has(key) && (await content.stat(key)) !== undefined) continue;
    found.push({ leftover: { kind: 'snapshot', name: key, size }, digest: key });
  }
  return found.sort((a, b) => compare(a.leftover, b.leftover));
}

function compare(a: Leftover, b: Leftover): number {
  return a.kind === b.kind ? (a.name < b.name ? -1 : 1) : a.kind < b.kind ? -1 : 1;
}

/** Drops an unfinished write unless someone is at it; answers whether it went. */
async function drop({ content }: Engine, { name }: Leftover, digest: Digest | undefined): Promise<boolean> {
  if (digest !== undefined) return content.deleteIngest(digest);
  const busy = AbortSignal.timeout(patience);
  try {
    await using upload = await content.upload(name, { signal: busy });
    await upload.discard();
    return true;
  } catch (error) {
    if (busy.aborted) return false;
    throw error;
  }
}
