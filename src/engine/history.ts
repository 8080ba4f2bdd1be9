import type { ImageRecord } from '#metadata';
import type { ImageId, Platform } from '#oci';
import { readConfig } from './blobs.ts';
import type { Engine } from './engine.ts';
import { familiarNames } from './images.ts';
import { resolveImage } from './resolve.ts';

export interface HistoryItem {
  /** Known for the image itself and for the images that it was made from on this machine. */
  readonly id: ImageId | undefined;
  /** RFC 3339, as the config has it. */
  readonly created: string | undefined;
  readonly createdBy: string;
  readonly comment: string;
  /** Bytes of the layer's regular files; 0 for a step that made no layer. */
  readonly size: number;
  readonly tags: readonly string[];
}

/** The steps that made an image, newest first. @throws not-found `image-not-found`, `image-platform` */
export async function imageHistory(
  engine: Engine,
  name: string,
  { platform }: { platform?: Platform } = {},
): Promise<readonly HistoryItem[]> {
  const { image } = await resolveImage(engine, name, { platform });
  const { history } = await readConfig(engine.content, image.id);
  let layer = 0;
  const sizes = history.map(({ emptyLayer }) =>
    emptyLayer === true ? 0 : (image.layers[layer++]?.size ?? 0),
  );
  const items: HistoryItem[] = [];
  let known: ImageRecord | undefined = image;
  for (const [index, step] of [...history.entries()].reverse()) {
    items.push({
      id: known?.id,
      created: step.created,
      createdBy: step.createdBy ?? '',
      comment: step.comment ?? '',
      size: sizes[index] ?? 0,
      tags: known === undefined ? [] : familiarNames(await engine.metadata.namesOf(known.id)).tags,
    });
    known = known?.parent === undefined ? undefined : await engine.metadata.image(known.parent);
  }
  return items;
}
