import { GantryError } from '#errors';
import type { Directory } from './tree.ts';

/**
 * What a layer means for the layers below, in one of two ways: noted for overlayfs in a directory of its own
 * (`alone`), or carried out on a tree that shows them (`merged`). Names are those of parsed entries.
 */
export interface Stacking {
  /** Why the layer would be wrong above other layers than its own, where it was unpacked all the same. */
  readonly dependence: string | undefined;

  /** The directory that an entry goes into. Throws `layer-depends-on-lower` where only the layers below know it. */
  parent(path: string): Directory;

  /** As `parent`, for what hides something: undefined when there is nothing to hide in. */
  whiteoutParent(path: string): Directory | undefined;

  /** `base` of the layers below is hidden; what this layer itself has there stays, in whatever order they come. */
  whiteout(directory: Directory, base: string): void;

  /** All that the layers below have in the directory is hidden. */
  opaque(directory: Directory): void;

  /** This layer made something here. */
  made(directory: Directory, base: string): void;

  /** This layer made a directory in the place of something else of its own. */
  becameDirectory(directory: Directory, base: string): void;

  /** Throws when what is here is no target for a hard link: a mark for overlayfs. */
  checkLinkTarget(directory: Directory, base: string): void;

  /** What a hard link to something missing comes to. */
  missingLinkTarget(name: string): GantryError;
}

/** Thrown to end the unpacking of a layer by itself: `why` is told to the caller. */
export function dependsOnLower(why: string): GantryError {
  return new GantryError('conflict', 'layer-depends-on-lower', why);
}
