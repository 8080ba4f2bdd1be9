/** What the product does, one verb a file. Every verb takes the engine first. */
export type {
  Engine,
  EngineLimits,
  Registries,
  RegistryAuth,
  SearchQuery,
  SearchResult,
  Unpacking,
} from './engine.ts';
export { collectGarbage } from './collect-garbage.ts';
export { createEventLog } from './events.ts';
export type { EngineEvent, EventLog } from './events.ts';
export type { LayerEvent } from './fetch-layers.ts';
export { fsck } from './fsck.ts';
export type { FsckEvent } from './fsck.ts';
export type { FsckFinding } from './fsck-finding.ts';
export { imageHistory } from './history.ts';
export type { HistoryItem } from './history.ts';
export { listImages } from './images.ts';
export type { ImageFilters, ImageSummary } from './images.ts';
export { inspectImage } from './inspect.ts';
export type { ImageDetails } from './inspect.ts';
export { keptManifests } from './kept-manifest.ts';
export type { KeptManifest } from './kept-manifest.ts';
export { pruneImages } from './prune.ts';
export type { Pruned } from './prune.ts';
export { pullAllTags, pullImage } from './pull.ts';
export type { PullEvent, PullOptions, PullResult } from './pull.ts';
export { removeImage } from './remove.ts';
export type { Removal } from './remove.ts';
export { resolveImage } from './resolve.ts';
export type { ResolvedImage } from './resolve.ts';
export { tagImage } from './tag.ts';
export { importImage } from './import.ts';
export type { ImportOptions } from './import.ts';
export { loadImages } from './load.ts';
export type { LoadEvent, LoadOptions } from './load.ts';
export { pushAllTags, pushImage } from './push.ts';
export type { PushEvent, PushOptions } from './push.ts';
export { saveImages } from './save.ts';
export { searchImages } from './search.ts';
export type { SearchFilters } from './search.ts';
