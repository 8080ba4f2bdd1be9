import type { ImageRecord } from '#metadata';
import {
  canonicalString,
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestHex,
  familiarName,
  familiarString,
  type ImageIndex,
  type ImageManifest,
  mediaTypes,
  type Reference,
} from '#oci';
import { type ArchivedImage, nameAnnotations } from './archive-names.ts';

/** A manifest or index that is saved, and the image by which Docker's lists know it. */
export interface SavedDocument {
  readonly descriptor: Descriptor;
  readonly tags: readonly Reference[];
  readonly manifest: ImageManifest;
  readonly image: ImageRecord;
}

/** Where a blob lies in an archive. */
export function blobName(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
}

/** The archive's `index.json`: an entry for each tag. */
export function indexOf(documents: readonly SavedDocument[]): ImageIndex {
  const manifests = documents.flatMap(({ descriptor, tags }) => {
    if (tags.length === 0) return [descriptor];
    return tags.map((tag) => ({
      ...descriptor,
      annotations: { [nameAnnotations.name]: canonicalString(tag), [nameAnnotations.refName]: tag.tag ?? '' },
    }));
  });
  return { kind: 'index', mediaType: mediaTypes.ociIndex, manifests };
}

/** Docker's `manifest.json`: an entry for each image, with all its tags. */
export function dockerList(documents: readonly SavedDocument[]): readonly ArchivedImage[] {
  const entries = new Map<Digest, ArchivedImage>();
  for (const { manifest, tags } of documents) {
    const { digest } = manifest.config;
    const { RepoTags } = entries.get(digest) ?? { RepoTags: null };
    const all = [...(RepoTags ?? []), ...tags.map(familiarString)];
    entries.set(digest, {
      Config: blobName(digest),
      RepoTags: all.length === 0 ? null : all,
      Layers: manifest.layers.map((layer) => blobName(layer.digest)),
    });
  }
  return [...entries.values()];
}

/** Docker's oldest list, by top layers. Undefined when nothing has a tag: docker leaves the file out then. */
export function repositoriesOf(
  documents: readonly SavedDocument[],
): Record<string, Record<string, string>> | undefined {
  const repositories = new Map<string, Map<string, string>>();
  for (const { image, tags } of documents) {
    const top = image.layers.at(-1)?.diffId;
    if (top === undefined) continue;
    for (const tag of tags) {
      const tops = repositories.get(familiarName(tag)) ?? new Map<string, string>();
      repositories.set(familiarName(tag), tops.set(tag.tag ?? '', digestHex(top)));
    }
  }
  if (repositories.size === 0) return undefined;
  return Object.fromEntries([...repositories].map(([name, tops]) => [name, Object.fromEntries(tops)]));
}
