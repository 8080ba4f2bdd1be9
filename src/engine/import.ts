import type { Change } from '#metadata';
import {
  canonicalString,
  encodeImageConfig,
  familiarString,
  type ImageConfig,
  type ImageId,
  parseImageId,
  parseManifest,
  type Platform,
  type Reference,
} from '#oci';
import { makeManifest } from './archive-images.ts';
import { layerSource, readDocument, storeUpload, writeDocument } from './blobs.ts';
import { applyChanges } from './changes.ts';
import type { Engine } from './engine.ts';
import { imageEvent } from './events.ts';
import { withLease } from './lease.ts';
import { createLayerReader, planLayers } from './read-layer.ts';
import { recordOf } from './record.ts';
import { taggable } from './tag.ts';

export interface ImportOptions {
  /** The name of the new image; without one it has its id only. */
  readonly reference?: Reference;
  /** `Imported from <source>` when absent. */
  readonly message?: string;
  /** Where the bytes come from, for the message. */
  readonly source: string;
  /** Dockerfile instructions for the config, such as `CMD ["sh"]`. */
  readonly changes?: readonly string[];
  readonly platform?: Platform;
  readonly signal?: AbortSignal;
}

/**
 * Makes an image of one layer from a root file system as a tar, plain or compressed. The bytes are kept as they
 * came.
 *
 * @throws invalid-argument `change-invalid`; what the unpacker throws
 */
export async function importImage(
  engine: Engine,
  tar: AsyncIterable<Uint8Array>,
  {
    reference,
    message,
    source,
    changes = [],
    platform,
    signal = new AbortController().signal,
  }: ImportOptions,
): Promise<ImageId> {
  const target = reference === undefined ? undefined : taggable(reference);
  const runConfig = applyChanges({}, changes);
  return withLease(engine, async (hold) => {
    const upload = `import-${engine.uniqueId()}`;
    const { digest: blob } = await storeUpload(engine.content, upload, { source: tar, signal });
    await hold([blob]);
    const { dependsOnLower, ...read } = await engine.unpacker.unpack(layerSource(engine.content, blob), {
      signal,
    });
    const { diffId } = read;
    const facts = { ...read, blob, dependsOnLower: dependsOnLower !== undefined };
    await engine.metadata.commit([{ put: 'blob', blob: facts }]);
    const created = new Date(engine.clock()).toISOString();
    const { os, architecture, variant } = platform ?? engine.platform;
    const comment = message ?? `Imported from ${source}`;
    const config: ImageConfig = {
      os,
      architecture,
      ...(variant === undefined ? {} : { variant }),
      created,
      comment,
      config: runConfig,
      diffIds: [diffId],
      history: [{ created, comment }],
    };
    const id = parseImageId(await writeDocument(engine.content, encodeImageConfig(config), signal));
    const manifestDigest = await makeManifest(engine, id, [blob]);
    const manifest = parseManifest(await readDocument(engine.content, manifestDigest));
    if (manifest.kind === 'index') throw new TypeError('a manifest was made');
    const plans = planLayers(manifest, config);
    await hold([id, manifestDigest, diffId]);
    const reader = createLayerReader(engine, plans, signal);
    const layers = await Promise.all(
      plans.map(async (plan) => (await reader.known(plan)) ?? reader.read(plan)),
    );
    const image = await recordOf(engine, { id, config, manifest: manifestDigest, layers, content: [] });
    const naming: Change[] =
      target === undefined
        ? []
        : [
            {
              put: 'name',
              name: { name: canonicalString(target), image: id, target: manifestDigest },
              at: engine.clock(),
            },
          ];
    await engine.metadata.commit([{ put: 'image', image }, ...naming]);
    engine.events.publish(
      imageEvent(engine, 'import', image, target === undefined ? id : familiarString(target)),
    );
    return id;
  });
}
