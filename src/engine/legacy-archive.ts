import { GantryError } from '#errors';
import { chainIds, type Digest, type ImageId, parseImageId, parseReference, type Reference } from '#oci';
import { archiveNames } from './archive-names.ts';
import type { Archive } from './archive-reader.ts';
import { readDocument, writeDocument } from './blobs.ts';
import { invalidList } from './docker-list.ts';
import type { Engine } from './engine.ts';
import type { FoundTarget } from './found-target.ts';
import { encodeLegacyConfig, historyOf, type LegacyJson } from './legacy-config.ts';
import type { Hold } from './lease.ts';
import { makeManifest } from './make-manifest.ts';
import { readBlob } from './read-blob.ts';
import { taggable } from './tag.ts';

/** More layers than overlayfs stacks. */
const maxParents = 500;

interface Work {
  readonly hold: Hold;
  readonly signal: AbortSignal;
}

/** An image of old, made into one of today. */
interface Converted {
  readonly id: ImageId;
  readonly manifest: Digest;
  readonly layers: readonly Digest[];
  readonly diffIds: readonly Digest[];
  readonly history: readonly object[];
}

/**
 * The images of an archive of Docker before 1.10: a folder for each, with its `json` and its own layer, that names its
 * parent; and `repositories`, which names those that have tags (moby image/tarexport/load.go, `legacyLoad`). A parent
 * is an image too, a step to its child.
 *
 * @throws corrupt `archive-manifest`, `archive-file`; what the unpacker throws
 */
export async function legacyImages(
  engine: Engine,
  archive: Archive,
  work: Work,
): Promise<readonly FoundTarget[]> {
  const tags = await tagsOf(engine, archive);
  const converted = new Map<string, Converted>();
  const targets: FoundTarget[] = [];
  for (const top of archive.names.flatMap((name) => /^([0-9a-f]{64})\/json$/.exec(name)?.[1] ?? []).sort()) {
    for (const { id, json, parent } of (await ancestry(engine, archive, top)).reverse()) {
      if (converted.has(id)) continue;
      const below = parent === undefined ? undefined : converted.get(parent);
      const image = await convert(engine, archive, { id, json, below, ...work });
      converted.set(id, image);
      const own = tags.get(id) ?? [];
      targets.push({
        target: image.manifest,
        images: [image.manifest],
        companions: [],
        tags: own,
        isStep: own.length === 0,
        ...(below === undefined ? {} : { parent: below.id }),
      });
    }
  }
  for (const [id, [tag]] of tags) {
    if (!converted.has(id))
      throw invalidList(`repositories names ${tag?.path ?? ''} by an image that is not there: ${id}`);
  }
  return targets;
}

/** The image `id` and those that it was made from, itself first. */
async function ancestry(
  engine: Engine,
  archive: Archive,
  id: string,
): Promise<{ id: string; json: LegacyJson; parent: string | undefined }[]> {
  const images: { id: string; json: LegacyJson; parent: string | undefined }[] = [];
  for (let next: string | undefined = id; next !== undefined;) {
    if (images.length >= maxParents) throw invalidList(`image ${id} has more than ${maxParents} parents`);
    const json = await readJson(engine, fileOf(archive, `${next}/json`));
    const { parent } = json;
    const above: string | undefined = typeof parent === 'string' && parent !== '' ? parent : undefined;
    images.push({ id: next, json, parent: above });
    next = above;
  }
  return images;
}

async function convert(
  engine: Engine,
  archive: Archive,
  { id, json, below, ...work }: Work & { id: string; json: LegacyJson; below: Converted | undefined },
): Promise<Converted> {
  const layer = fileOf(archive, `${id}/layer.tar`);
  const { diffId } = await readBlob(engine, layer, work);
  const layers = [...(below?.layers ?? []), layer];
  const diffIds = [...(below?.diffIds ?? []), diffId];
  const history = [...(below?.history ?? []), historyOf(json)];
  const bytes = encodeLegacyConfig(json, { diffIds, history });
  const config = await writeDocument(engine.content, bytes, work.signal);
  await work.hold([config, ...chainIds(diffIds)]);
  const manifest = await makeManifest(engine, { config, layers }, work.hold);
  return { id: parseImageId(config), manifest, layers, diffIds, history };
}

async function tagsOf(engine: Engine, archive: Archive): Promise<Map<string, Reference[]>> {
  const repositories = await readJson(engine, fileOf(archive, archiveNames.repositories));
  const tags = new Map<string, Reference[]>();
  for (const [name, ids] of Object.entries(repositories)) {
    for (const [tag, id] of Object.entries((ids ?? {}) as Record<string, unknown>)) {
      if (typeof id !== 'string') throw invalidList(`repositories has no image for ${name}:${tag}`);
      tags.set(id, [...(tags.get(id) ?? []), parseTag(`${name}:${tag}`)]);
    }
  }
  return tags;
}

function parseTag(text: string): Reference {
  try {
    return taggable(parseReference(text));
  } catch (error) {
    throw invalidList(`repositories has the invalid name "${text.slice(0, 300)}"`, error);
  }
}

async function readJson(engine: Engine, digest: Digest): Promise<LegacyJson> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(await readDocument(engine.content, digest)).toString());
  } catch (error) {
    throw invalidList('a file of the archive is no JSON', error);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidList('a file of the archive is no JSON object');
  }
  return value as LegacyJson;
}

function fileOf(archive: Archive, name: string): Digest {
  const digest = archive.digestOf(name);
  if (digest !== undefined) return digest;
  throw new GantryError(
    'corrupt',
    'archive-file',
    `the archive lacks ${name}, which another of its files names`,
    {
      subject: { name },
    },
  );
}
