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
export { createEventLog } from './events.ts';
export type { EngineEvent, EventLog } from './events.ts';
