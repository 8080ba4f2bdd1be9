import { findError, GantryError } from '#errors';
import { decompress } from '#layer';
import { type Digest, isDigest } from '#oci';
import { readTar, type TarMember, utf8Name } from '#tar';
import { storeUpload } from './blobs.ts';
import type { Engine } from './engine.ts';
import type { Hold } from './lease.ts';

/** An image archive, read once from its beginning to its end: its files are in the store now. */
export interface Archive {
  /** The digest of the file `name` of the archive; links are followed. Undefined when it has no such file. */
  digestOf(name: string): Digest | undefined;
  /** Of its files, links among them, from the archive's root. */
  readonly names: readonly string[];
  /** Every blob that was put into the store. */
  readonly blobs: ReadonlySet<Digest>;
}

/** Links in an archive lead to files, not on and on. */
const maxLinks = 16;

/** Characters of all names in an archive, a hundred thousand usual ones: far more is an attack on memory. */
const maxNames = 8 * 1024 * 1024;

interface Reading {
  readonly hold: Hold;
  readonly signal: AbortSignal;
}

/**
 * Puts every file of an archive, plain or compressed, into the store while it is read: under the digest that a
 * layout's `blobs/` folder gives it, or under the one it turns out to have.
 *
 * @throws corrupt `blob-digest` when a file of `blobs/` has other bytes than its name says, `archive-compression`
 *   (unsupported when it is xz or bzip2 and the program is missing), `tar-*`; resource-exhausted `archive-names`
 */
export async function readArchive(
  engine: Engine,
  source: AsyncIterable<Uint8Array>,
  { hold, signal }: Reading,
): Promise<Archive> {
  /** A file's digest, or where a link leads. The last entry of a name counts. */
  const files = new Map<string, { readonly digest: Digest } | { readonly link: string }>();
  let characters = 0;
  for await (const member of readTar(uncompressed(source))) {
    signal.throwIfAborted();
    const { entry } = member;
    const name = normalise(utf8Name(entry.name));
    characters += name.length + entry.linkName.length;
    if (characters > maxNames) throw tooManyNames();
    if (entry.type === 'symlink') files.set(name, { link: normalise(utf8Name(entry.linkName), name) });
    else if (entry.type === 'hardlink') files.set(name, { link: normalise(utf8Name(entry.linkName)) });
    else if (entry.type === 'file')
      files.set(name, { digest: await storeMember(engine, name, member, { hold, signal }) });
  }
  const resolve = (name: string, depth = 0): Digest | undefined => {
    const file = files.get(name);
    if (file === undefined || 'digest' in file) return file?.digest;
    return depth < maxLinks ? resolve(file.link, depth + 1) : undefined;
  };
  const blobs = [...files.values()].flatMap((file) => ('digest' in file ? [file.digest] : []));
  return {
    digestOf: (name) => resolve(normalise(name)),
    names: [...files.keys()],
    blobs: new Set(blobs),
  };
}

async function* uncompressed(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* decompress(source);
  } catch (error) {
    const refusal = findError(error, { code: 'layer-compression' });
    if (refusal === undefined) throw error;
    const { program, package: from } = refusal.subject;
    const what =
      refusal.kind === 'unsupported'
        ? `the archive is compressed by ${String(program)}, and this machine has no program ${String(program)}: install the package ${String(from)}`
        : 'the compressed archive is damaged or cut off; make it again';
    throw new GantryError(refusal.kind, 'archive-compression', what, { cause: error });
  }
}

async function storeMember(
  engine: Engine,
  name: string,
  { entry, body }: TarMember,
  { hold, signal }: Reading,
): Promise<Digest> {
  const digest = blobDigest(name);
  if (digest === undefined) {
    const info = await storeUpload(engine.content, `load-${engine.uniqueId()}`, {
      source: body,
      signal,
      size: entry.size,
    });
    await hold([info.digest]);
    return info.digest;
  }
  await hold([digest]);
  await using ingest = await engine.content.ingest(digest, { signal });
  if (ingest === undefined) return digest;
  if (ingest.offset > 0) await ingest.restart();
  try {
    for await (const chunk of body) {
      signal.throwIfAborted();
      await ingest.write(chunk);
    }
    await ingest.commit({ size: entry.size });
  } catch (error) {
    // A pull of this digest would go on where this file broke off, and nothing vouches for its bytes.
    await ingest.restart();
    throw error;
  }
  return digest;
}

/** The digest that the name of a file in a layout's `blobs/` folder is (image-spec image-layout.md, "Blobs"). */
function blobDigest(name: string): Digest | undefined {
  const [folder, algorithm, hex, ...rest] = name.split('/');
  const digest = `${algorithm ?? ''}:${hex ?? ''}`;
  return folder === 'blobs' && rest.length === 0 && isDigest(digest) ? digest : undefined;
}

/** `path` from the archive's root, as seen from the folder of `from`; never above the root. */
function normalise(path: string, from = ''): string {
  const parts = path.startsWith('/') ? [] : from.split('/').slice(0, -1);
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function tooManyNames(): GantryError {
  return new GantryError(
    'resource-exhausted',
    'archive-names',
    `the names of the archive's files have more than ${maxNames} characters: it is no image archive`,
  );
}
