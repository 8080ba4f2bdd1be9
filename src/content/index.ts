/** Blobs by digest and their resumable ingests, on disk and in memory; the format of the store around them. */
export { openDiskContent } from './disk.ts';
export { openStoreRoot } from './format.ts';
export { createMemoryContent } from './memory.ts';
export { growingStates } from './store.ts';
export type { BlobInfo, ContentStore, GrowingFile, Ingest, Upload, Written } from './store.ts';
