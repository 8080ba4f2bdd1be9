/** Bodies and framing of the Docker Engine API (moby 28.2, API 1.50), for both of its ends. */
export { compareApiVersions, currentApiVersion, oldestApiVersion, parseApiVersion } from './api-version.ts';
export type { ApiVersion } from './api-version.ts';
export { decodeAuth, encodeAuth, parseAuth } from './auth.ts';
export type { AuthAnswer, AuthConfig } from './auth.ts';
export { encodeFilters, invalidFilter, parseFilters } from './filters.ts';
export type { Filters } from './filters.ts';
export type * from './images.ts';
export type * from './info.ts';
export { encodeJson, encodeJsonForHtml } from './json.ts';
export { readJsonLines } from './json-lines.ts';
export { drawProgress, encodeProgress, progressError, progressMediaType } from './progress.ts';
export type { ProgressMessage } from './progress.ts';
export type * from './system.ts';
export { parseTimestamp } from './timestamp.ts';
