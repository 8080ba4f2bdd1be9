/** The distribution contract: what a registry is, its paths and error codes, and one in memory. */
export type * from './registry.ts';
export type * from './served.ts';
export { createMemoryRegistry } from './memory.ts';
export { blobPath, isRepositoryName, isTag, manifestPath, tagsPath, uploadsPath } from './paths.ts';
export { faultWords, isRegistryCode, parseFaults, registryError } from './codes.ts';
export type { RegistryCode } from './codes.ts';
export { delayAfter } from './patience.ts';
