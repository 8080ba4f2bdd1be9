/**
 * Tar archives: blocks to entries and back, byte for byte. Reads v7, ustar, pax, GNU and star; writes ustar, and
 * pax where ustar does not suffice. What a path means is not known here.
 */
export { createTarReader } from './reader.ts';
export type { TarReader } from './reader.ts';
export type { TarHandler } from './handler.ts';
export type { TarLimits } from './limits.ts';
export { readTar } from './archive.ts';
export type { TarMember } from './archive.ts';
export { encodeHeader, endOfArchive, padding } from './writer.ts';
export { byteName, utf8Name } from './name.ts';
export type { TarEntry, TarTime, TarType } from './entry.ts';
