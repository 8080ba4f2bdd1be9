/** Layers as tar streams and as directories. */
export type * from './unpacker.ts';
