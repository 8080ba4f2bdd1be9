import type { ImageRecord } from '#metadata';
import { type Digest, isForeignLayerType } from '#oci';
import { readDocument } from './blobs.ts';
import type { Engine } from './engine.ts';
import type { Hold } from './lease.ts';
import type { TargetContents } from './platform-images.ts';
import { type Destination, sendBlob, sendLayers, type SentLayerEvent } from './send-layers.ts';

/** Whether every document and blob that the target names is here; layers that may not be distributed need not be. */
export async function isComplete(engine: Engine, target: TargetContents): Promise<boolean> {
  if (!target.complete) return false;
  const blobs = target.manifests.flatMap(({ manifest }) =>
    manifest === undefined ? [] : [manifest.config, ...manifest.layers],
  );
  for (const { digest, mediaType } of blobs) {
    if (isForeignLayerType(mediaType)) continue;
    if ((await engine.content.stat(digest)) === undefined) return false;
  }
  return true;
}

/**
 * Sends all that a whole index names, and the indexes below it, each by its digest. The index itself is answered,
 * with the layers that are at the registry now: it goes last, under the tag.
 *
 * @param work.image the image whose layers are told of for manifests that are no image here
 * @throws what RegistryWriter throws
 */
export async function sendIndex(
  engine: Engine,
  { target, image }: { target: TargetContents; image: ImageRecord },
  { hold, ...to }: Destination & { hold: Hold; report: (event: SentLayerEvent) => void },
): Promise<{ digest: Digest; bytes: Uint8Array; mediaType: string; blobs: readonly Digest[] }> {
  const { registry, reference, signal } = to;
  const sent: Digest[] = [];
  for (const { descriptor, manifest, image: own = { ...image, layers: [] } } of target.manifests) {
    if (manifest === undefined) continue;
    const blobs = manifest.layers.map(({ digest }) => digest);
    await hold([descriptor.digest, manifest.config.digest, ...blobs]);
    await sendLayers(engine, { ...to, image: own, layers: manifest.layers });
    await sendBlob(engine, { ...to, descriptor: manifest.config });
    const bytes = await readDocument(engine.content, descriptor.digest);
    const document = { bytes, mediaType: manifest.mediaType };
    await registry.putManifest(reference.path, descriptor.digest, document, { signal });
    sent.push(...blobs);
  }
  const [root, ...inner] = target.indexes;
  if (root === undefined) throw new RangeError('an index is sent');
  // The innermost first: a registry may refuse an index that names what it does not have.
  for (const { digest, index } of inner.reverse()) {
    const bytes = await readDocument(engine.content, digest);
    await registry.putManifest(reference.path, digest, { bytes, mediaType: index.mediaType }, { signal });
  }
  const bytes = await readDocument(engine.content, root.digest);
  return { digest: root.digest, bytes, mediaType: root.index.mediaType, blobs: [...new Set(sent)] };
}
