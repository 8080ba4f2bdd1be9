import { findError, GantryError } from '#errors';
import type { ImageRecord } from '#metadata';
import type { Engine } from './engine.ts';
import { type ImageFilters, listImages } from './images.ts';
import { type Removal, removeImage } from './remove.ts';

export interface Pruned {
  readonly removals: readonly Removal[];
  /** Bytes of the layers that went. */
  readonly reclaimed: number;
}

/**
 * Removes images that nothing uses: those without a tag, or, unless `danglingOnly`, all. Names of one image go in
 * lexical order, so that what stays when one is in use is always the same (moby daemon/images/image_prune.go).
 *
 * @throws conflict `prune-running` while another one is at work in this process
 */
export async function pruneImages(engine: Engine, options: PruneOptions = {}): Promise<Pruned> {
  if (running.has(engine.metadata)) {
    throw new GantryError('conflict', 'prune-running', 'a prune operation is already running');
  }
  running.add(engine.metadata);
  try {
    return await prune(engine, options);
  } finally {
    running.delete(engine.metadata);
  }
}

interface PruneOptions {
  readonly danglingOnly?: boolean;
  readonly filters?: ImageFilters;
}

/** The stores that are being pruned. */
const running = new WeakSet<Engine['metadata']>();

async function prune(engine: Engine, { danglingOnly = true, filters = {} }: PruneOptions): Promise<Pruned> {
  const before = await engine.metadata.images();
  const candidates = await listImages(engine, {
    filters: { ...filters, ...(danglingOnly ? { dangling: true } : {}) },
  });
  const removals: Removal[] = [];
  for (const { record, tags, digests } of candidates) {
    const names = [...tags, ...digests].sort();
    for (const name of names.length > 0 ? names : [record.id]) {
      removals.push(...(await removeUnlessUsed(engine, name)));
    }
  }
  const bytes = reclaimed(before, removals);
  const attributes = { reclaimed: String(bytes) };
  engine.events.publish({ type: 'image', action: 'prune', id: '', attributes, time: engine.clock() });
  return { removals, reclaimed: bytes };
}

/** What is in use, or was removed by an earlier step, is left alone. */
async function removeUnlessUsed(engine: Engine, name: string): Promise<readonly Removal[]> {
  try {
    return await removeImage(engine, name);
  } catch (error) {
    if (findError(error, { kind: 'conflict' }) ?? findError(error, { kind: 'not-found' })) return [];
    throw error;
  }
}

function reclaimed(images: readonly ImageRecord[], removals: readonly Removal[]): number {
  const sizes = new Map(images.flatMap(({ layers }) => layers.map((layer) => [layer.chainId, layer.size])));
  return removals.reduce(
    (sum, removal) => sum + ('deleted' in removal ? (sizes.get(removal.deleted) ?? 0) : 0),
    0,
  );
}
