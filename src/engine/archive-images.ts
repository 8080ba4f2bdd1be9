import { GantryError } from '#errors';
import { canonicalString, type Digest } from '#oci';
import { archiveNames } from './archive-names.ts';
import type { Archive } from './archive-reader.ts';
import { readDocument } from './blobs.ts';
import { type ListedImage, parseDockerList } from './docker-list.ts';
import type { Engine } from './engine.ts';
import type { FoundTarget } from './found-target.ts';
import { contentsOf, type LayoutEntry, layoutEntries } from './layout-manifests.ts';
import { legacyImages } from './legacy-archive.ts';
import type { Hold } from './lease.ts';
import { makeManifest } from './make-manifest.ts';

/**
 * The images of an archive, in its order: by Docker's `manifest.json` where there is one, otherwise by the index of an
 * OCI layout, otherwise by the folders of Docker before 1.10. A manifest that the archive has for an image is kept;
 * an archive without manifests gets one. An index is kept with all of its images that the archive has.
 *
 * @throws corrupt `archive-empty` (no list is there), `archive-manifest`, `archive-file` (a file that a list names is
 *   missing), `manifest-invalid`
 */
export async function findImages(
  engine: Engine,
  archive: Archive,
  { hold, signal }: { hold: Hold; signal: AbortSignal },
): Promise<readonly FoundTarget[]> {
  const list = archive.digestOf(archiveNames.manifest);
  const index = archive.digestOf(archiveNames.index);
  const entries = index === undefined ? [] : await layoutEntries(engine, archive, index);
  if (list !== undefined) {
    const targets: FoundTarget[] = [];
    for (const listed of parseDockerList(await readDocument(engine.content, list))) {
      targets.push(...(await targetsOf(engine, archive, { listed, entries, hold })));
    }
    return targets;
  }
  if (index !== undefined) return byTarget(entries);
  if (archive.digestOf(archiveNames.repositories) === undefined) throw emptyArchive();
  return legacyImages(engine, archive, { hold, signal });
}

/**
 * What Docker's list calls one image. Its tags may stand for several manifests of the same config, or for indexes
 * that lead to it: the layout's index tells.
 */
async function targetsOf(
  engine: Engine,
  archive: Archive,
  { listed, entries, hold }: { listed: ListedImage; entries: readonly LayoutEntry[]; hold: Hold },
): Promise<readonly FoundTarget[]> {
  const config = archiveFile(archive, listed.config);
  const layers = listed.layers.map((name) => archiveFile(archive, name));
  const contents = contentsOf(config, layers);
  const named = new Map(
    entries.flatMap((entry) =>
      entry.name !== undefined && entry.images.some((image) => image.config === config)
        ? [[canonicalString(entry.name), entry]]
        : [],
    ),
  );
  const byEntry = Map.groupBy(listed.tags, (tag) => named.get(canonicalString(tag)));
  const others = byEntry.get(undefined) ?? [];
  byEntry.delete(undefined);
  const targets = [...byEntry].flatMap(([entry, tags]) =>
    entry === undefined ? [] : [{ ...asTarget(entry), tags }],
  );
  if (targets.length > 0 && others.length === 0) return targets;
  const own = entries.flatMap(({ images }) => images).find((image) => image.contents === contents);
  const manifest = own?.manifest ?? (await makeManifest(engine, { config, layers }, hold));
  return [...targets, { target: manifest, images: [manifest], companions: [], tags: others }];
}

/** One target an entry, with all names that the index gives it. */
function byTarget(entries: readonly LayoutEntry[]): readonly FoundTarget[] {
  return [...Map.groupBy(entries, ({ target }) => target).values()].flatMap(([first, ...others]) =>
    first === undefined
      ? []
      : [{ ...asTarget(first), tags: [first, ...others].flatMap(({ name }) => name ?? []) }],
  );
}

function asTarget({ target, images, companions }: LayoutEntry): Omit<FoundTarget, 'tags'> {
  return { target, images: images.map(({ manifest }) => manifest), companions };
}

/** The digest of a file that a list of the archive names. @throws corrupt `archive-file` */
function archiveFile(archive: Archive, name: string): Digest {
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
