/** Unpacked layers as directories, stacked by overlayfs. */
export type * from './snapshots.ts';
