/** Unpacked layers as directories, stacked by overlayfs. */
export { openSnapshots } from './store.ts';
export type * from './snapshots.ts';
