import fs from 'node:fs';
import { errnoOf } from '#errors';
import { listXattrs, removeXattr, setTimes, setXattr, type Time } from '#host';
import { badEntry } from './entry-path.ts';

/** The metadata of an entry, as a TarEntry has it. */
export interface Metadata {
  readonly name: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: Time;
  readonly atime?: Time;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
}

const permissions = 0o7777;
// uid_t and gid_t have 32 bits, and the last value means "unchanged" to chown(2).
const largestId = 2 ** 32 - 2;

/**
 * Gives a file, open as `fd` at `path`, its owner, mode, attributes and times: in this order, since chown(2)
 * clears the set-id bits and the capabilities, and each of them changes no time but the last.
 */
export function applyToFile(fd: number, path: string | Buffer, metadata: Metadata): void {
  checkOwner(metadata);
  fs.fchownSync(fd, metadata.uid, metadata.gid);
  fs.fchmodSync(fd, metadata.mode & permissions);
  setXattrs(path, metadata);
  setTimes(fd, metadata.mtime, metadata.atime);
}

/** As `applyToFile`, for what is made whole: a symlink, a device, a FIFO. */
export function applyToNode(path: string | Buffer, metadata: Metadata, type: 'symlink' | 'node'): void {
  checkOwner(metadata);
  fs.lchownSync(path, metadata.uid, metadata.gid);
  // A symlink has no mode of its own.
  if (type === 'node') fs.chmodSync(path, metadata.mode & permissions);
  setXattrs(path, metadata);
  setTimes(path, metadata.mtime, metadata.atime);
}

/**
 * As `applyToFile`, for a directory, without its times: what is made in it would change them. Attributes that it
 * had before are cleared: an entry says all about what it names.
 */
export function applyToDirectory(
  path: string | Buffer,
  metadata: Metadata,
  { existed }: { existed: boolean },
): void {
  checkOwner(metadata);
  fs.lchownSync(path, metadata.uid, metadata.gid);
  fs.chmodSync(path, metadata.mode & permissions);
  if (existed) {
    for (const name of listXattrs(path)) if (!isOthers(name.toString('latin1'))) removeXattr(path, name);
  }
  setXattrs(path, metadata);
}

function checkOwner({ name, uid, gid }: Metadata): void {
  if (uid > largestId || gid > largestId || uid < 0 || gid < 0) {
    throw badEntry(name, `its owner ${uid}:${gid} is none that Linux has`);
  }
}

function setXattrs(path: string | Buffer, { xattrs }: Metadata): void {
  for (const [name, value] of xattrs) {
    // They steer overlayfs: a layer could point into others by them. A layer says what it hides by whiteouts.
    if (isOverlays(name)) continue;
    try {
      setXattr(path, Buffer.from(name, 'latin1'), value);
    } catch (error) {
      // As Docker, containerd and umoci do: a file system without attributes, or without this kind of them.
      if (errnoOf(error) === 'ENOTSUP') continue;
      // xattr(7): user attributes are for files and directories; elsewhere the kernel says EPERM even to root.
      if (errnoOf(error) === 'EPERM' && name.startsWith('user.')) continue;
      throw error;
    }
  }
}

/** Attributes that the layer did not give: overlayfs's marks, and the label that SELinux gives each file. */
function isOthers(name: string): boolean {
  return isOverlays(name) || name === 'security.selinux';
}

function isOverlays(name: string): boolean {
  return name.startsWith('trusted.overlay.');
}
