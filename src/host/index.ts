/** The only door to the kernel: locks, durable writes, mounts, and the calls that Node lacks. */
export { openLock, tryLock } from './lock.ts';
export { durableRename, syncDirectory, writeFileDurably } from './durable.ts';
