/** Layers as tar streams and as directories. */
export { openUnpacker } from './pool.ts';
export type * from './unpacker.ts';
export { decompress } from './decompress.ts';
export { gzip } from './gzip.ts';
