/** Blobs on their way between a registry and a store. */
export { fetchBlob } from './fetch-blob.ts';
export type { FetchBlobOptions } from './fetch-blob.ts';
export { pushBlob } from './push-blob.ts';
export type { PushBlobOptions, PushedBlob } from './push-blob.ts';
export { inParallel } from './in-parallel.ts';
