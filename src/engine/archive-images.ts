import { GantryError } from '#errors';
import type { Digest, Platform, Reference } from '#oci';
import { archiveNames } from './archive-names.ts';
import type { Archive } from './archive-reader.ts';
import { readDocument } from './blobs.ts';
import { parseDockerList } from './docker-list.ts';
import type { Engine } from './engine.ts';
import { contentsOf, type LayoutManifest, layoutManifests } from './layout-manifests.ts';
import type { Hold } from './lease.ts';
import { makeManifest } from './make-manifest.ts';

/** An image that an archive holds. */
export interface FoundImage {
  readonly manifest: Digest;
  readonly tags: readonly Reference[];
}

/**
 * The images of an archive, in its order: by Docker's `manifest.json` where there is one, otherwise by the index
 * of an OCI layout. A manifest that the archive has for an image is kept; an archive without manifests gets one.
 *
 * @param options.platform which image of an index
 * @throws corrupt `archive-empty` (neither list is there), `archive-manifest`, `archive-file` (a file that the
 *   list names is missing), `manifest-invalid`
 */
export async function findImages(
  engine: Engine,
  archive: Archive,
  { platform, hold }: { platform: Platform; hold: Hold },
): Promise<readonly FoundImage[]> {
  const list = archive.digestOf(archiveNames.manifest);
  const index = archive.digestOf(archiveNames.index);
  if (list === undefined && index === undefined) throw emptyArchive();
  const manifests = index === undefined ? [] : await layoutManifests(engine, archive, { index, platform });
  if (list === undefined) return byManifest(manifests);
  const images: FoundImage[] = [];
  for (const listed of parseDockerList(await readDocument(engine.content, list))) {
    const config = fileOf(archive, listed.config);
    const layers = listed.layers.map((name) => fileOf(archive, name));
    const contents = contentsOf(config, layers);
    const own = manifests.find((each) => each.contents === contents);
    const manifest = own?.digest ?? (await makeManifest(engine, { config, layers }, hold));
    images.push({ manifest, tags: listed.tags });
  }
  return images;
}

/** One image a manifest, with all names that the index gives it. */
function byManifest(manifests: readonly LayoutManifest[]): readonly FoundImage[] {
  const groups = Map.groupBy(manifests, ({ digest }) => digest);
  return [...groups].map(([manifest, entries]) => ({
    manifest,
    tags: entries.flatMap(({ name }) => name ?? []),
  }));
}

function fileOf(archive: Archive, name: string): Digest {
  const digest = archive.digestOf(name);
  if (digest !== undefined) return digest;
  throw new GantryError(
    'corrupt',
    'archive-file',
    `the archive's manifest.json names ${name}, which is not in it`,
    { subject: { name } },
  );
}

function emptyArchive(): GantryError {
  return new GantryError(
    'corrupt',
    'archive-empty',
    'the archive holds no image: neither manifest.json nor index.json is in it; give a file that `save` wrote',
  );
}
