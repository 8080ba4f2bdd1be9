import { GantryError } from '#errors';

/** A path inside a layer as byte strings (one character a byte): `parent` is '' at the root, `base` is '' for it. */
export interface EntryPath {
  readonly parent: string;
  readonly base: string;
}

/**
 * The path that a name in a tar stands for, counted from the root of the layer: `./`, `/`, doubled and trailing
 * slashes mean nothing. `..` is taken away with what is before it, as Docker and containerd do; where nothing is
 * before it, the name is refused, as Docker does, rather than bent to the root.
 *
 * @throws corrupt `layer-escape`, `layer-tar` for a zero byte, at which the kernel would end the name
 */
export function parseEntryPath(name: string): EntryPath {
  if (name.includes('\0')) throw badEntry(name, 'its name has a zero byte');
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) {
      throw new GantryError(
        'corrupt',
        'layer-escape',
        `the entry ${quoted(name)} of the layer leads out of it`,
        {
          subject: { entry: printable(name) },
        },
      );
    }
  }
  const base = parts.pop() ?? '';
  return { parent: parts.join('/'), base };
}

/** The error for an entry that cannot be carried out: `why` is a clause. */
export function badEntry(name: string, why: string, cause?: unknown): GantryError {
  return new GantryError(
    'corrupt',
    'layer-tar',
    `the entry ${quoted(name)} of the layer cannot be unpacked: ${why}`,
    {
      subject: { entry: printable(name) },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** A byte string as text, cut where it would fill the screen. */
export function printable(name: string): string {
  const text = Buffer.from(name, 'latin1').toString('utf8');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function quoted(name: string): string {
  return JSON.stringify(printable(name));
}

/** A byte string as a path for the kernel. Text stays text, which is faster. */
export function pathBytes(path: string): string | Buffer {
  return /[\u0080-\u00ff]/.test(path) ? Buffer.from(path, 'latin1') : path;
}
