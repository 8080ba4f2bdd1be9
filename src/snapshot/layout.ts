import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isDigest, type Digest } from '#oci';

/**
 * Where things lie below the directory of the store:
 *
 * - `sha256-<hex>/fs`, `sha256-<hex>/info.json`: a snapshot. It came here by one rename and is whole.
 * - `sha256-<hex>/root`: empty, with the metadata of `fs`, where the layer says what its root is.
 * - `new/sha256-<hex>/`: a layer in the making, with `fs`, and `work` and `merged` while it is mounted.
 * - `locks/sha256-<hex>`: held by who works in that directory below `new/`.
 * - `trash/<random>`: to be deleted.
 * - `empty/0`, `empty/1`: overlayfs asks for one lower directory, or two without an upper one.
 */
export interface Layout {
  readonly directory: string;
  readonly making: string;
  readonly locks: string;
  readonly trash: string;
  readonly empty: readonly [string, string];
}

export function layoutOf(directory: string): Layout {
  return {
    directory,
    making: join(directory, 'new'),
    locks: join(directory, 'locks'),
    trash: join(directory, 'trash'),
    empty: [join(directory, 'empty', '0'), join(directory, 'empty', '1')],
  };
}

/** A digest as a file name. */
export function nameOf(digest: Digest): string {
  return digest.replace(':', '-');
}

/** The digest that `name` stands for, or undefined when it stands for none. */
export function digestIn(name: string): Digest | undefined {
  const digest = name.replace('-', ':');
  return isDigest(digest) ? digest : undefined;
}

/** A path in the trash that nobody else has. */
export function trashPath({ trash }: Layout): string {
  return join(trash, randomBytes(12).toString('hex'));
}
