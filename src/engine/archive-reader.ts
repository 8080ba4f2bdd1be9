import { GantryError } from '#errors';
import { type Digest, isDigest } from '#oci';
import { readTar, type TarMember, utf8Name } from '#tar';
import { storeUpload } from './blobs.ts';
import type { Engine } from './engine.ts';
import type { Hold } from './lease.ts';

/** An image archive, read once from its beginning to its end: its large files are in the store now. */
export interface Archive {
  /** The digest of the file `name` of the archive; links are followed. Undefined when it has no such file. */
  digestOf(name: string): Digest | undefined;
  /** Every blob that was put into the store. */
  readonly blobs: readonly Digest[];
}

/** Links in an archive lead to files, not on and on. */
const maxLinks = 16;

/** An archive of images has a few files a layer; far more is an attack on memory. */
const maxFiles = 200_000;

/**
 * Puts every file of an archive into the store, while it is read: under the digest that a layout's `blobs/` folder
 * gives it, or under the one it turns out to have.
 *
 * @throws corrupt `blob-digest` when a file of `blobs/` has other bytes than its name says, `tar-*`;
 *   resource-exhausted `archive-files`
 */
export async function readArchive(
  engine: Engine,
  source: AsyncIterable<Uint8Array>,
  { hold, signal }: { hold: Hold; signal: AbortSignal },
): Promise<Archive> {
  const files = new Map<string, Digest>();
  const links = new Map<string, string>();
  for await (const member of readTar(source)) {
    signal.throwIfAborted();
    const { entry } = member;
    const name = normalise(utf8Name(entry.name));
    if (files.size + links.size >= maxFiles) throw tooManyFiles();
    if (entry.type === 'symlink') links.set(name, normalise(utf8Name(entry.linkName), name));
    else if (entry.type === 'hardlink') links.set(name, normalise(utf8Name(entry.linkName)));
    else if (entry.type === 'file')
      files.set(name, await storeMember(engine, name, member, { hold, signal }));
  }
  const resolve = (name: string, depth = 0): Digest | undefined => {
    const link = links.get(name);
    if (link === undefined || depth > maxLinks) return files.get(name);
    return resolve(link, depth + 1);
  };
  return { digestOf: (name) => resolve(normalise(name)), blobs: [...new Set(files.values())] };
}

async function storeMember(
  engine: Engine,
  name: string,
  { entry, body }: TarMember,
  { hold, signal }: { hold: Hold; signal: AbortSignal },
): Promise<Digest> {
  const digest = blobDigest(name);
  if (digest !== undefined) {
    await hold([digest]);
    await using ingest = await engine.content.ingest(digest, { signal });
    if (ingest !== undefined) {
      if (ingest.offset > 0) await ingest.restart();
      for await (const chunk of body) {
        signal.throwIfAborted();
        await ingest.write(chunk);
      }
      await ingest.commit({ size: entry.size });
    }
    return digest;
  }
  const info = await storeUpload(engine.content, `load-${engine.uniqueId()}`, {
    source: body,
    signal,
    size: entry.size,
  });
  await hold([info.digest]);
  return info.digest;
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

function tooManyFiles(): GantryError {
  return new GantryError(
    'resource-exhausted',
    'archive-files',
    `the archive has more than ${maxFiles} files: it is no image archive`,
  );
}
