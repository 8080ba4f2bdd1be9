import { collectGarbage } from '#engine';
import type * as wire from '#wire';
import { type Answer, json } from './answer.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { flag } from './parameters.ts';
import type { Route } from './router.ts';

/** `POST /gantry/gc`: removes what nothing needs; with `dry-run` it tells what it would remove. */
async function collect({ query, signal }: Exchange, { engine }: Daemon): Promise<Answer> {
  const leftovers = await collectGarbage(engine, { dryRun: flag(query, 'dry-run'), signal });
  return json({
    Leftovers: leftovers.map(({ kind, name, size }) => ({ Kind: kind, Name: name, Size: size })),
    SpaceReclaimed: sum(leftovers),
  } satisfies wire.GarbageCollected);
}

/** `POST /build/prune`, with which `system prune` ends: there is no build cache, but leftovers are as good as one. */
async function pruneBuilds({ signal }: Exchange, { engine }: Daemon): Promise<Answer> {
  const leftovers = await collectGarbage(engine, { signal });
  return json({ CachesDeleted: null, SpaceReclaimed: sum(leftovers) });
}

function sum(leftovers: readonly { readonly size: number }[]): number {
  return leftovers.reduce((total, { size }) => total + size, 0);
}

export const gcRoutes: readonly Route[] = [
  { method: 'POST', path: '/gantry/gc', handle: collect },
  { method: 'POST', path: '/build/prune', handle: pruneBuilds },
];
