import { empty, type Answer } from './answer.ts';
import type { Route } from './router.ts';

/** Clients learn the API version from the headers that every answer has; these tell of builder and swarm. */
const headers = {
  'Builder-Version': '1',
  Swarm: 'inactive',
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
  'Content-Type': 'text/plain; charset=utf-8',
};

const ping = (): Answer => ({ status: 200, headers, body: 'OK' });

export const pingRoutes: readonly Route[] = [
  { method: 'HEAD', path: '/_ping', handle: () => empty(200, headers) },
  { method: 'GET', path: '/_ping', handle: ping },
];
