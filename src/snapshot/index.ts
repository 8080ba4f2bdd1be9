/** Unpacked layers as directories, stacked by overlayfs. */
export { overlayWorks } from './check.ts';
export { openSnapshots } from './store.ts';
export type * from './snapshots.ts';
