/** Blobs on their way between a registry and a store. */
export { fetchBlob } from './fetch-blob.ts';
export { pushBlob } from './push-blob.ts';
