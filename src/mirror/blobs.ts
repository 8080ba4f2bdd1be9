import { GantryError } from '#errors';
import type { Digest } from '#oci';
import { blobPath, registryError, type BlobBody } from '#registry';
import { askOnce, unknown } from './absent.ts';
import { startFill, type Fill } from './fill.ts';
import { followFill } from './follow.ts';
import { createFlights, orAbort } from './flights.ts';
import { blobKey, type MirrorParts } from './parts.ts';
import { createSlots, type Slots } from './slots.ts';
import type { MirroredName } from './upstream.ts';

interface Waits {
  readonly signal?: AbortSignal;
}

/** Blobs of mirrored repositories. */
export interface MirroredBlobs {
  /** As `RegistryReader.getBlob`, and whether the blob was here. */
  get(
    name: MirroredName,
    digest: Digest,
    options?: Waits & { offset?: number },
  ): Promise<BlobBody & { readonly state: 'hit' | 'miss' }>;
  /**
   * As `RegistryReader.headBlob`, and whether the blob is here. It fetches nothing, and with `here` it does not ask
   * the upstream either.
   */
  head(
    name: MirroredName,
    digest: Digest,
    options?: Waits & { here?: boolean },
  ): Promise<{ readonly size: number; readonly state: 'hit' | 'miss' } | undefined>;
  /** Resolves when nothing is being fetched. */
  settled(): Promise<void>;
}

export function createMirroredBlobs(parts: MirrorParts): MirroredBlobs {
  const { local, metadata, content, uses, sizes, closing } = parts;
  const fills = new Map<string, Fill>();
  const heads = createFlights<number>();
  /** By the upstream's domain in the table: all hosts of a rule share. */
  const slots = new Map<string, Slots>();

  /** Whether the repository has the blob; should its bytes be lost, they are fetched again. */
  async function has(name: MirroredName, digest: Digest): Promise<boolean> {
    const linked = await metadata.repositories.facts.blob(name.name, digest);
    return linked !== undefined && (await content.stat(digest)) !== undefined;
  }

  function slotsOf({ upstream: { domain, transfers } }: MirroredName): Slots {
    const made = slots.get(domain) ?? createSlots(transfers);
    slots.set(domain, made);
    return made;
  }

  function fillOf(name: MirroredName, digest: Digest): Fill {
    const key = blobKey(name, digest);
    const running = fills.get(key);
    if (running !== undefined) return running;
    const fill = startFill(parts, { name, digest, slots: slotsOf(name) });
    fills.set(key, fill);
    void fill.ended.then(() => fills.delete(key));
    return fill;
  }

  return {
    async get(name, digest, { signal, offset = 0 } = {}) {
      signal?.throwIfAborted();
      blobPath(name.name, digest);
      if (await has(name, digest)) {
        uses.note(name.name, digest);
        const found = await local.getBlob(name.name, digest, { offset, ...(signal && { signal }) });
        return { ...found, state: 'hit' };
      }
      if (name.upstream.mode === 'offline') throw unknown('BLOB_UNKNOWN', name, digest);
      if (closing.aborted) throw closed();
      return askOnce(parts, { name, reference: digest, code: 'BLOB_UNKNOWN' }, async () => {
        const fill = fillOf(name, digest);
        const size = await orAbort(fill.admitted, signal);
        if (offset > 0 && offset >= size) throw registryError('RANGE_INVALID', 'invalid content range');
        return { offset, size, body: followFill(fill, content, { offset, size, signal }), state: 'miss' };
      });
    },

    async head(name, digest, { signal, here = false } = {}) {
      signal?.throwIfAborted();
      blobPath(name.name, digest);
      if (await has(name, digest)) {
        uses.note(name.name, digest);
        const found = await local.headBlob(name.name, digest, { ...(signal && { signal }) });
        return found && { ...found, state: 'hit' };
      }
      const fill = fills.get(blobKey(name, digest));
      if (fill !== undefined) return { size: await orAbort(fill.admitted, signal), state: 'miss' };
      if (here || name.upstream.mode === 'offline') return undefined;
      const ask = async (): Promise<number> => {
        const registry = parts.reach(name);
        const head = await registry.headBlob(name.path, digest, { signal: closing });
        if (head === undefined) throw unknown('BLOB_UNKNOWN', name, digest);
        sizes.set(blobKey(name, digest), head.size);
        return head.size;
      };
      const wanted = { name, reference: digest, code: 'BLOB_UNKNOWN' } as const;
      const size = await askOnce(parts, wanted, () => heads.join(blobKey(name, digest), ask, signal));
      return { size, state: 'miss' };
    },

    async settled() {
      await Promise.all([...fills.values()].map(({ ended }) => ended));
    },
  };
}

function closed(): GantryError {
  return new GantryError('unavailable', 'registry-unreachable', 'the mirror is closing; ask again later');
}
