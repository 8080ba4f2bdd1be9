import type { ImageRecord } from '#metadata';
import type { Descriptor, Digest, Platform } from '#oci';
import type { Engine } from './engine.ts';
import { layerDirectories } from './inspect.ts';
import { platformOf, readTarget, type TargetManifest } from './platform-images.ts';

/** A manifest that an image's names lead to, and what it weighs here. Sizes are in bytes. */
export interface KeptManifest {
  readonly descriptor: Descriptor;
  readonly kind: TargetManifest['kind'];
  /** For an image, where anything tells it. */
  readonly platform: Platform | undefined;
  /** The manifest of the image that an attestation speaks of. */
  readonly attests: Digest | undefined;
  /** Whether all that it names is here. */
  readonly available: boolean;
  /** What is here of the manifest, the config and the layers, as they are transferred. */
  readonly contentSize: number;
  /** The files of its layers on disk; 0 when they are not unpacked. */
  readonly unpackedSize: number;
}

/**
 * The manifests that an image is known by: those of each index that a name of it stands for, in the index's order,
 * whether they are here or not, and its own.
 */
export async function keptManifests(engine: Engine, image: ImageRecord): Promise<readonly KeptManifest[]> {
  const names = await engine.metadata.namesOf(image.id);
  const targets = new Set([...names.map(({ target }) => target), image.manifest]);
  const found = new Map<Digest, TargetManifest>();
  for (const target of targets) {
    const { manifests } = await readTarget(engine, target);
    for (const each of manifests) {
      if (!found.has(each.descriptor.digest)) found.set(each.descriptor.digest, each);
    }
  }
  return Promise.all(found.values().map((manifest) => weigh(engine, manifest)));
}

async function weigh(
  engine: Engine,
  { descriptor, kind, attests, manifest, image }: TargetManifest,
): Promise<KeptManifest> {
  const parts = manifest === undefined ? [] : [manifest.config, ...manifest.layers];
  const wanted = new Set([descriptor, ...parts].map(({ digest }) => digest));
  const here = await Promise.all([...wanted].map((digest) => engine.content.stat(digest)));
  const isUnpacked = image !== undefined && (await layerDirectories(engine, image)) !== undefined;
  return {
    descriptor,
    kind,
    platform: descriptor.platform ?? (image && platformOf(image)),
    attests,
    available: manifest !== undefined && here.every((blob) => blob !== undefined),
    contentSize: here.reduce((sum, blob) => sum + (blob?.size ?? 0), 0),
    unpackedSize: isUnpacked ? image.size : 0,
  };
}
