import { registryError, type ServedRegistry } from '#registry';
import { absentIfUnknown } from './absent.ts';
import type { MirroredBlobs } from './blobs.ts';
import type { MirroredLists } from './lists.ts';
import type { MirroredManifests } from './manifests.ts';
import { mountMirrored } from './mount-mirrored.ts';
import { tellResolved, tellState, type Tell } from './notes.ts';
import type { MirrorParts } from './parts.ts';
import type { Route } from './route.ts';
import { isAllowed, type MirroredName } from './upstream.ts';

export interface ViewParts extends Pick<MirrorParts, 'local' | 'metadata'> {
  readonly manifests: MirroredManifests;
  readonly blobs: MirroredBlobs;
  readonly lists: MirroredLists;
  readonly route: (repository: string) => Route;
  readonly tell: Tell;
}

/** How many tags are read at once by who wants them all. */
const pageSize = 1000;

/**
 * Hosted and mirrored repositories as one registry, as one client means its names. Only hosted ones are written to;
 * what is mirrored can be removed, and comes again when it is asked for.
 */
export function createView(parts: ViewParts): ServedRegistry {
  const { local, metadata, manifests, blobs, lists, route, tell } = parts;

  /** Reads a repository wherever it is. */
  async function read<T>(
    repository: string,
    from: { hosted: (name: string) => Promise<T>; mirrored: (name: MirroredName) => Promise<T> },
  ): Promise<T> {
    const { hosted, mirrored } = route(repository);
    const isMirrored = mirrored !== undefined && isAllowed(mirrored);
    if (hosted !== undefined && (!isMirrored || (await metadata.repositories.facts.has(hosted)))) {
      return from.hosted(hosted);
    }
    if (mirrored === undefined) throw nameUnknown(repository);
    if (!isMirrored)
      throw registryError('DENIED', `${mirrored.domain}/${mirrored.path} is not mirrored here`);
    tell({ 'oci-namespace': mirrored.domain });
    return from.mirrored(mirrored);
  }

  /** The name under which a repository is kept here. */
  function kept(repository: string): string {
    const { hosted, mirrored } = route(repository);
    const name = hosted ?? mirrored?.name;
    if (name === undefined) throw nameUnknown(repository);
    return name;
  }

  /** The hosted repository to be written to. */
  function writable(repository: string): string {
    const { hosted, mirrored } = route(repository);
    if (hosted !== undefined) return hosted;
    if (mirrored === undefined) throw nameUnknown(repository);
    throw registryError('DENIED', `${mirrored.name} is a mirror of ${mirrored.domain}; push to another name`);
  }

  const tagsPage: ServedRegistry['tagsPage'] = (repository, page, options) =>
    read(repository, {
      hosted: (name) => local.tagsPage(name, page, options),
      mirrored: (name) => lists.tagsPage(name, page, options),
    });

  return {
    getManifest: (repository, reference, options) =>
      read(repository, {
        hosted: (name) => local.getManifest(name, reference, options),
        async mirrored(name) {
          const resolved = await manifests.resolve(name, reference, options?.signal);
          tellResolved(tell, name.domain, resolved);
          return resolved.manifest;
        },
      }),

    headManifest: (repository, reference, options) =>
      read(repository, {
        hosted: (name) => local.headManifest(name, reference, options),
        mirrored: (name) =>
          absentIfUnknown(async () => {
            const resolved = await manifests.resolve(name, reference, options?.signal);
            tellResolved(tell, name.domain, resolved);
            const { mediaType, digest, bytes } = resolved.manifest;
            return { mediaType, digest, size: bytes.length };
          }),
      }),

    getBlob: (repository, digest, options) =>
      read(repository, {
        hosted: (name) => local.getBlob(name, digest, options),
        async mirrored(name) {
          const { state, ...blob } = await blobs.get(name, digest, options);
          tellState(tell, state);
          return blob;
        },
      }),

    headBlob: (repository, digest, options) =>
      read(repository, {
        hosted: (name) => local.headBlob(name, digest, options),
        async mirrored(name) {
          // By a bare name it may be about to be pushed: no upstream needs to hear of that.
          const here = route(repository).hosted !== undefined;
          const found = await absentIfUnknown(() => blobs.head(name, digest, { ...options, here }));
          if (found === undefined) return undefined;
          tellState(tell, found.state);
          return { size: found.size };
        },
      }),

    tagsPage,

    async *tags(repository, options) {
      for (let after: string | undefined; ;) {
        const { items, more } = await tagsPage(repository, { after, limit: pageSize }, options);
        yield* items;
        if (!more) return;
        after = items.at(-1);
      }
    },

    referrers: (repository, subject, page, options) =>
      read(repository, {
        hosted: (name) => local.referrers(name, subject, page, options),
        mirrored: (name) => lists.referrers(name, subject, page, options),
      }),

    repositories: (page, options) => local.repositories(page, options),
    searchRepositories: (words, page, options) => local.searchRepositories(words, page, options),

    async putManifest(repository, reference, manifest, options) {
      const name = writable(repository);
      await mountMirrored(parts, route(repository), manifest);
      return local.putManifest(name, reference, manifest, options);
    },
    async acceptManifest(repository, reference, manifest, options) {
      const name = writable(repository);
      await mountMirrored(parts, route(repository), manifest);
      return local.acceptManifest(name, reference, manifest, options);
    },
    putBlob: async (repository, ...rest) => local.putBlob(writable(repository), ...rest),
    mountBlob: async (repository, digest, from, options) =>
      local.mountBlob(writable(repository), digest, kept(from), options),
    mountFromAnywhere: async (repository, ...rest) => local.mountFromAnywhere(writable(repository), ...rest),
    startUpload: async (repository, ...rest) => local.startUpload(writable(repository), ...rest),
    uploadStatus: async (repository, ...rest) => local.uploadStatus(writable(repository), ...rest),
    appendUpload: async (repository, ...rest) => local.appendUpload(writable(repository), ...rest),
    finishUpload: async (repository, ...rest) => local.finishUpload(writable(repository), ...rest),
    cancelUpload: async (repository, ...rest) => local.cancelUpload(writable(repository), ...rest),

    deleteManifest: async (repository, ...rest) => local.deleteManifest(kept(repository), ...rest),
    deleteTag: async (repository, ...rest) => local.deleteTag(kept(repository), ...rest),
    deleteBlob: async (repository, ...rest) => local.deleteBlob(kept(repository), ...rest),
  };
}

function nameUnknown(repository: string): Error {
  return registryError('NAME_UNKNOWN', 'repository name not known to registry', { subject: { repository } });
}
