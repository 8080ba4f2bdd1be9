import { toError } from '#errors';
import type { ImageRecord } from '#metadata';
import type { Digest } from '#oci';
import { familiarNames } from './images.ts';
import type { Engine } from './engine.ts';
import { blobProblem } from './fsck-blob.ts';
import type { Check, FsckContext, FsckFinding } from './fsck-finding.ts';
import { checkLayers, checkMount } from './fsck-layers.ts';
import { checkRecord } from './fsck-record.ts';
import { refetch } from './fsck-refetch.ts';

export type FsckEvent =
  | { readonly type: 'checking'; readonly what: string }
  | { readonly type: 'finding'; readonly finding: FsckFinding };

export interface FsckOptions {
  /** Also reads every blob and compares it with its digest, reads every layer again, and mounts every image. */
  readonly deep?: boolean;
  /**
   * Fetches what is bad from where it is known to be, and derives anew what is derived. A blob that is wrong goes
   * even when nobody has it any more: wrong bytes help no one, and hinder the next pull.
   */
  readonly repair?: boolean;
  readonly signal?: AbortSignal;
  readonly report?: (event: FsckEvent) => void;
}

export interface FsckResult {
  readonly images: number;
  readonly blobs: number;
  readonly findings: readonly FsckFinding[];
}

/**
 * Compares all that the store says with what it holds: each image's blobs (presence and size, with `deep` their
 * bytes; manifests and configs always by their bytes), its record, what is remembered of its layers, its unpacked
 * layers, and blobs that no image needs. Each thing is looked at once. Other work may go on meanwhile.
 *
 * @throws the signal's reason; what Metadata throws. What is wrong with the store is a finding, not an error
 */
export async function fsck(
  engine: Engine,
  { deep = false, repair = false, signal = new AbortController().signal, report }: FsckOptions = {},
): Promise<FsckResult> {
  const findings: FsckFinding[] = [];
  const images = await engine.metadata.images();
  const labels = await labelsOf(engine, images);
  const users = usersOf(images, labels);
  const settle = async (checks: AsyncIterable<Check>): Promise<boolean> => {
    let sound = true;
    for await (const { problem, repair: mend } of checks) {
      signal.throwIfAborted();
      const outcome = repair ? await attempt(mend, signal) : ({ state: 'found' } as const);
      const finding = { ...problem, images: users.get(problem.digest) ?? [], ...outcome };
      findings.push(finding);
      report?.({ type: 'finding', finding });
      sound &&= outcome.state === 'repaired';
    }
    return sound;
  };
  const seen = new Set<Digest>();
  for (const image of images) {
    report?.({ type: 'checking', what: labels.get(image.id) ?? image.id });
    const context = { image, deep, signal };
    // Without sound bytes the rest would only find the same again.
    if (!(await settle(checkContent(engine, context, seen)))) continue;
    if (!(await settle(checkRecord(engine, image)))) continue;
    if (await settle(checkLayers(engine, context))) await settle(checkMount(engine, context));
  }
  await settle(checkOthers(engine, { deep, signal }, seen));
  return { images: images.length, blobs: seen.size, findings };
}

async function* checkContent(
  engine: Engine,
  { image, deep, signal }: FsckContext,
  seen: Set<Digest>,
): AsyncGenerator<Check> {
  const layers = new Set(image.layers.map(({ blob }) => blob));
  const names = await engine.metadata.namesOf(image.id);
  for (const digest of new Set([image.manifest, ...image.content, ...names.map(({ target }) => target)])) {
    if (seen.has(digest)) continue;
    signal.throwIfAborted();
    seen.add(digest);
    const problem = await blobProblem(engine.content, digest, { hash: deep || !layers.has(digest), signal });
    if (problem === undefined) continue;
    const isManifest = digest !== image.id && !layers.has(digest);
    yield { problem, repair: () => refetch(engine, { image, digest, isManifest, signal }) };
  }
}

/** Blobs that no image needs: a registry's, or what waits for collection. */
async function* checkOthers(
  { content }: Engine,
  { deep, signal }: Pick<FsckContext, 'deep' | 'signal'>,
  seen: Set<Digest>,
): AsyncGenerator<Check> {
  for await (const { digest } of content.list()) {
    if (seen.has(digest)) continue;
    signal.throwIfAborted();
    seen.add(digest);
    const problem = await blobProblem(content, digest, { hash: deep, signal });
    // Gone since it was listed is no problem: nothing needed it.
    if (problem === undefined || problem.code === 'blob-missing') continue;
    yield { problem, repair: () => content.delete(digest) };
  }
}

async function attempt(
  repair: () => Promise<void>,
  signal: AbortSignal,
): Promise<Pick<FsckFinding, 'state' | 'reason'>> {
  try {
    await repair();
    return { state: 'repaired' };
  } catch (error) {
    signal.throwIfAborted();
    return { state: 'unrepaired', reason: toError(error).message };
  }
}

async function labelsOf(
  { metadata }: Engine,
  images: readonly ImageRecord[],
): Promise<ReadonlyMap<Digest, string>> {
  const named = Map.groupBy(await metadata.names(), ({ image }) => image);
  return new Map(
    images.map(({ id }) => {
      const { tags, digests } = familiarNames(named.get(id) ?? []);
      return [id, tags[0] ?? digests[0] ?? id];
    }),
  );
}

function usersOf(
  images: readonly ImageRecord[],
  labels: ReadonlyMap<Digest, string>,
): ReadonlyMap<Digest, readonly string[]> {
  const users = new Map<Digest, string[]>();
  for (const { id, manifest, content, layers } of images) {
    const keys = layers.flatMap(({ diffId, chainId }) => [diffId, chainId]);
    for (const digest of new Set([id, manifest, ...content, ...keys])) {
      users.set(digest, [...(users.get(digest) ?? []), labels.get(id) ?? id]);
    }
  }
  return users;
}
