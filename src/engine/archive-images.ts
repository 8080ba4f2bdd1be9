import { GantryError } from '#errors';
import { canonicalString, type Digest, type ImageId, type Reference } from '#oci';
import { archiveNames } from './archive-names.ts';
import type { Archive } from './archive-reader.ts';
import { readDocument } from './blobs.ts';
import { type ListedImage, parseDockerList } from './docker-list.ts';
import type { Engine } from './engine.ts';
import { contentsOf, type LayoutEntry, layoutEntries } from './layout-manifests.ts';
import { legacyImages } from './legacy-archive.ts';
import type { Hold } from './lease.ts';
import { makeManifest } from './make-manifest.ts';

/** What one name of an archive stands for. */
export interface FoundTarget {
  /** A manifest, or an index that leads to all of `images`. */
  readonly target: Digest;
  /** Manifests; one or more. */
  readonly images: readonly Digest[];
  /** What else is to be kept with them: indexes, attestations. */
  readonly companions: readonly Digest[];
  readonly tags: readonly Reference[];
  /** The image that it was made from, in archives of old. */
  readonly parent?: ImageId;
  /** Whether it was only a step to another image: nobody asked for it. */
  readonly isStep?: boolean;
}

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
      targets.push(await targetOf(engine, archive, { listed, entries, hold }));
    }
    return targets;
  }
  if (index !== undefined) return byTarget(entries);
  if (archive.digestOf(archiveNames.repositories) === undefined) throw emptyArchive();
  return legacyImages(engine, archive, { hold, signal });
}

async function targetOf(
  engine: Engine,
  archive: Archive,
  { listed, entries, hold }: { listed: ListedImage; entries: readonly LayoutEntry[]; hold: Hold },
): Promise<FoundTarget> {
  const config = archiveFile(archive, listed.config);
  const layers = listed.layers.map((name) => archiveFile(archive, name));
  const contents = contentsOf(config, layers);
  const { tags } = listed;
  const fitting = entries.filter(({ images }) => images.some((image) => image.contents === contents));
  const names = new Set(tags.map(canonicalString));
  const whole = fitting.find(({ name }) => name !== undefined && names.has(canonicalString(name)));
  if (whole !== undefined) return { ...asTarget(whole), tags };
  const image = fitting.flatMap(({ images }) => images).find((each) => each.contents === contents);
  const manifest = image?.manifest ?? (await makeManifest(engine, { config, layers }, hold));
  return { target: manifest, images: [manifest], companions: [], tags };
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
