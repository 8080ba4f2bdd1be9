import type { GrowingFile } from '#content';
import { toError } from '#errors';
import type { Digest } from '#oci';
import type { RegistryReader } from '#registry';
import { fetchBlob } from '#transfer';
import { unknown } from './absent.ts';
import { blobKey, reviewTime, type MirrorParts } from './parts.ts';
import type { Slots } from './slots.ts';
import type { MirroredName } from './upstream.ts';

/** One blob on its way from its upstream into the store, for all who want it. */
export interface Fill {
  readonly digest: Digest;
  /** The blob's size, as soon as the upstream has said that the repository has it. @throws not-found `blob-unknown` */
  readonly admitted: Promise<number>;
  /** Where what has come can be read; undefined while another process fetches it, and in stores without files. */
  readonly growing: GrowingFile | undefined;
  /** How many bytes have come. */
  readonly reached: number;
  /** `whole` says that the bytes are verified, and that the store has them. */
  readonly state: 'growing' | 'whole' | 'broken';
  /** Why it broke. */
  readonly error: Error | undefined;
  /** Resolves when any of these has changed. */
  changed(): Promise<unknown>;
  /** Resolves when the repository has the blob, or will not. */
  readonly ended: Promise<void>;
}

/**
 * Begins to fill. It goes on whoever comes or goes, until the mirror closes; what came by then stays for the next. The
 * store lets one process at a time write a blob: the others wait for it here.
 */
export function startFill(
  parts: MirrorParts,
  { name, digest, slots }: { name: MirroredName; digest: Digest; slots: Slots },
): Fill {
  const admitted = Promise.withResolvers<number>();
  // It may be known that there is no such blob before anybody asks.
  admitted.promise.catch(() => undefined);
  let change = Promise.withResolvers<undefined>();
  const fill = {
    digest,
    admitted: admitted.promise,
    growing: undefined as GrowingFile | undefined,
    reached: 0,
    state: 'growing' as Fill['state'],
    error: undefined as Error | undefined,
    changed: () => change.promise,
    ended: Promise.resolve(),
  };
  const update = (changes: Partial<typeof fill>): void => {
    Object.assign(fill, changes);
    const { resolve } = change;
    change = Promise.withResolvers();
    resolve(undefined);
  };

  async function run(): Promise<void> {
    using _ = await slots.enter(parts.closing);
    await fetchInto(parts, name, {
      digest,
      onAdmitted: admitted.resolve,
      onGrowing: (growing) => {
        update({ growing });
      },
      onProgress: (reached) => {
        update({ reached });
      },
      onWhole: (reached) => {
        update({ reached, state: 'whole' });
      },
    });
  }

  fill.ended = run().catch((thrown: unknown) => {
    const error = toError(thrown);
    admitted.reject(error);
    // Bytes that are verified are, even if the facts could not be written.
    if (fill.state === 'growing') update({ state: 'broken', error });
  });
  return fill;
}

/** How often an upstream is tried while no byte comes: clients wait, and most of them know another place to ask. */
const attempts = 3;

interface Watch {
  readonly digest: Digest;
  readonly onAdmitted: (size: number) => void;
  readonly onGrowing: (growing: GrowingFile | undefined) => void;
  readonly onProgress: (bytes: number) => void;
  readonly onWhole: (size: number) => void;
}

/** Brings the blob into the store and links it in the repository, with the upstream's leave. */
async function fetchInto(parts: MirrorParts, name: MirroredName, watch: Watch): Promise<void> {
  const { metadata, content, clock, closing, sizes } = parts;
  const { digest } = watch;
  const { uploads, changes } = metadata.repositories;
  const registry = parts.reach(name);
  const key = blobKey(name, digest);
  const leave = { given: false };
  const admit = (size: number): void => {
    leave.given = true;
    watch.onAdmitted(size);
  };
  const ask = async (): Promise<number> => {
    const head = await registry.headBlob(name.path, digest, { signal: closing });
    if (head === undefined) throw unknown('BLOB_UNKNOWN', name, digest);
    admit(head.size);
    return head.size;
  };

  const size = sizes.get(key) ?? (await ask());
  const admitting: Pick<RegistryReader, 'getBlob'> = {
    async getBlob(...request) {
      const answer = await registry.getBlob(...request);
      admit(size);
      return answer;
    },
  };
  await metadata.mirrored.mark(name.name);
  const upload = parts.uniqueId();
  // Hold first: from here on nothing takes the blob, be it new or one that is here already.
  await uploads.start({ id: upload, repository: name.name, started: clock(), digest });
  try {
    await fetchBlob({
      reader: { ...registry, ...admitting },
      repository: name.path,
      descriptor: { mediaType: 'application/octet-stream', digest, size },
      store: content,
      signal: closing,
      attempts,
      onIngest: watch.onGrowing,
      onProgress: watch.onProgress,
    });
    // The store had it from elsewhere: only the upstream can say that it is this repository's, too.
    if (!leave.given) await ask();
    const blob = (await content.stat(digest)) ?? { digest, size };
    watch.onWhole(blob.size);
    await changes.link(name.name, blob, { upload, review: reviewTime(parts) });
    await metadata.mirrored.use([{ repository: name.name, digest, at: clock() }]);
  } catch (error) {
    await uploads.end(upload, clock());
    throw error;
  } finally {
    sizes.delete(key);
  }
}
