/** The store's own registry: repositories that link content, and what collects what they leave. */
export { openRepositories } from './open.ts';
export { readManifest } from './manifest.ts';
