import type { Digest, ImageId } from '#oci';
import type { ImageRecord } from './metadata.ts';

/** A row of `images`, without the columns that only queries use. */
export interface ImageRow {
  readonly id: ImageId;
  readonly manifest: Digest;
  readonly created: string | null;
  readonly size: number;
  readonly os: string;
  readonly architecture: string;
  readonly variant: string | null;
  readonly labels: string | null;
  readonly parent: ImageId | null;
  readonly last_tagged: number | null;
  readonly layers: string;
  readonly content: string;
  readonly revision: number;
}

// Arrays and not objects: they are read twice as fast, and a list of ten thousand images is little but layers.
type LayerTuple = [blob: Digest, diffId: Digest, chainId: Digest, size: number];

/** The row that keeps `image`. */
export function toRow(image: ImageRecord, revision: number): ImageRow {
  const layers = image.layers.map(({ blob, diffId, chainId, size }): LayerTuple => [
    blob,
    diffId,
    chainId,
    size,
  ]);
  return {
    id: image.id,
    manifest: image.manifest,
    created: image.created ?? null,
    size: image.size,
    os: image.os,
    architecture: image.architecture,
    variant: image.variant ?? null,
    labels: image.labels === undefined ? null : JSON.stringify(image.labels),
    parent: image.parent ?? null,
    last_tagged: image.lastTagged ?? null,
    layers: JSON.stringify(layers),
    content: JSON.stringify(image.content),
    revision,
  };
}

/** The image that `row` keeps. */
export function fromRow(row: ImageRow): ImageRecord {
  const layers = JSON.parse(row.layers) as LayerTuple[];
  return {
    id: row.id,
    manifest: row.manifest,
    created: row.created ?? undefined,
    size: row.size,
    os: row.os,
    architecture: row.architecture,
    variant: row.variant ?? undefined,
    labels: row.labels === null ? undefined : (JSON.parse(row.labels) as Record<string, string>),
    parent: row.parent ?? undefined,
    lastTagged: row.last_tagged ?? undefined,
    layers: layers.map(([blob, diffId, chainId, size]) => ({ blob, diffId, chainId, size })),
    content: JSON.parse(row.content) as Digest[],
  };
}
