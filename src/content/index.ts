/** Blobs by digest and their resumable ingests. */
export { growingStates } from './store.ts';
export type { BlobInfo, ContentStore, GrowingFile, Ingest } from './store.ts';
