/** The only door to the kernel: locks, durable writes, mounts, and the calls that Node lacks. */
export { openLock, tryLock } from './lock.ts';
export { durableRename, syncDirectory, syncFileSystem, writeFileDurably } from './durable.ts';
export { measureTree } from './disk-usage.ts';
export { mountOverlay } from './overlay.ts';
export type { OverlayOptions } from './overlay.ts';
export { listMounts, unmount } from './mounts.ts';
export { getXattr, listXattrs, removeXattr, setXattr } from './xattr.ts';
export { makeNode, openDirectoryIn, setTimes } from './inode.ts';
export type { Time } from './inode.ts';
export { sendDatagram } from './notify.ts';
