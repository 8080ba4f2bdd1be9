/** The pull-through mirror: repositories of upstreams, fetched once, kept, and served beside the hosted ones. */
export { createMirror } from './mirror.ts';
export type { Mirror, MirrorOptions } from './mirror.ts';
export { parseMirrorSettings } from './parse-mirror.ts';
export type { MirrorSettings } from './parse-mirror.ts';
export { parseUpstreams } from './parse-upstreams.ts';
export type { Upstream } from './upstream.ts';
export type { UpstreamRegistry } from './parts.ts';
export { clientConfig, mirrorClients } from './client-config.ts';
export type { MirrorClient } from './client-config.ts';
