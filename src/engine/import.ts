import { GantryError } from '#errors';
import type { Change } from '#metadata';
import {
  canonicalString,
  encodeImageConfig,
  familiarString,
  type ImageConfig,
  type ImageId,
  imageIdOf,
  parseManifest,
  type Platform,
  type Reference,
} from '#oci';
import { readDocument, storeUpload, writeDocument } from './blobs.ts';
import { applyChanges } from './changes.ts';
import type { Engine } from './engine.ts';
import { imageEvent } from './events.ts';
import { planLayers } from './layer-plan.ts';
import { withLease } from './lease.ts';
import { makeManifest } from './make-manifest.ts';
import { readBlob } from './read-blob.ts';
import { createLayerReader } from './read-layer.ts';
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
 * @throws invalid-argument `change-invalid`, `platform-unsupported` for another operating system than the engine's;
 *   what `taggable` and the unpacker throw
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
  const { os, architecture, variant } = platform ?? engine.platform;
  if (os !== engine.platform.os) throw osUnsupported(os);
  return withLease(engine, async (hold) => {
    const upload = `import-${engine.uniqueId()}`;
    const { digest: blob } = await storeUpload(engine.content, upload, { source: tar, signal });
    const { diffId } = await readBlob(engine, blob, { hold, signal });
    const created = new Date(engine.clock()).toISOString();
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
    const bytes = encodeImageConfig(config);
    const id = imageIdOf(bytes);
    await hold([id]);
    await writeDocument(engine.content, bytes, signal);
    const manifestDigest = await makeManifest(engine, { config: id, layers: [blob] }, hold);
    const manifest = parseManifest(await readDocument(engine.content, manifestDigest));
    if (manifest.kind === 'index') throw new TypeError('a manifest was made');
    const plans = planLayers(manifest, config);
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
    if (target !== undefined) {
      engine.events.publish(imageEvent(engine, 'tag', image, familiarString(target)));
    }
    engine.events.publish(imageEvent(engine, 'import', image, id));
    return id;
  });
}

function osUnsupported(os: string): GantryError {
  return new GantryError('invalid-argument', 'platform-unsupported', 'operating system is not supported', {
    subject: { os },
  });
}
