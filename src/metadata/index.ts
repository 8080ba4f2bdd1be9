/** The facts of a store: images, names, blobs, leases. */
export { openMetadata } from './open.ts';
export type * from './metadata.ts';
export type * from './mirrored.ts';
export type * from './repositories.ts';
