/** The facts of a store: images, names, blobs, leases. */
export type * from './metadata.ts';
