/** The names of an image archive's files (image-spec image-layout.md; moby image/tarexport). */
export const archiveNames = {
  layout: 'oci-layout',
  index: 'index.json',
  /** Docker's own list of images. */
  manifest: 'manifest.json',
  /** Docker's oldest list: repository to tag to top layer. */
  repositories: 'repositories',
} as const;

/** Annotations by which an index names its images: containerd's full name, and the specification's. */
export const nameAnnotations = {
  name: 'io.containerd.image.name',
  refName: 'org.opencontainers.image.ref.name',
} as const;

/** One image in Docker's `manifest.json`. Paths are relative to the archive's root. */
export interface ArchivedImage {
  readonly Config: string;
  readonly RepoTags: readonly string[] | null;
  readonly Layers: readonly string[];
}
