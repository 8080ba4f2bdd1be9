import { GantryError } from '#errors';
import { type Answer, empty, json } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { filtersOf, flag } from './parameters.ts';
import type { Handler, Route } from './router.ts';

/*
 * What Gantry has none of: volumes, plugins, a build cache, a swarm. Clients come by on their way to images
 * (`docker inspect` tries every kind of object, `docker system prune` every list), so each gets the answer of a
 * docker that has none of it. Containers have a file of their own.
 */

/** A list that is always the same; with `filters` those keys are known and others refused, as moby does. */
export function list(
  method: string,
  path: string,
  { body, filters }: { body: unknown; filters?: readonly string[] },
): Route {
  const handle: Handler = async (exchange) => {
    if (filters !== undefined) filtersOf(await exchange.form(), filters);
    return json(body);
  };
  return { method, path, handle };
}

export function missing(method: string, path: string, say: (name: string) => string): Route {
  const handle: Handler = ({ name }) => {
    throw notFound(say(name));
  };
  return { method, path, handle };
}

export function notFound(message: string): GantryError {
  return new GantryError('not-found', 'object-not-found', message);
}

function refused(method: string, path: string, what: string): Route {
  const handle: Handler = () => {
    throw new GantryError('unsupported', 'not-offered', `Gantry keeps images and does not ${what}`);
  };
  return { method, path, handle };
}

async function removeVolume(exchange: Exchange): Promise<Answer> {
  if (flag(await exchange.form(), 'force')) return empty(204);
  throw notFound(`get ${exchange.name}: no such volume`);
}

/** BuildKit's connection: it is refused as moby refuses one that does not ask to be upgraded. */
function session(): Answer {
  throw new GantryError('invalid-argument', 'session-protocol', 'no upgrade proto in request');
}

function noSwarm(): Answer {
  throw new GantryError(
    'unavailable',
    'not-a-manager',
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  );
}

export const absentRoutes: readonly Route[] = [
  list('GET', '/volumes', {
    body: { Volumes: [], Warnings: null },
    filters: ['dangling', 'driver', 'label', 'name'],
  }),
  list('POST', '/volumes/prune', {
    body: { VolumesDeleted: [], SpaceReclaimed: 0 },
    filters: ['all', 'label', 'label!'],
  }),
  refused('POST', '/volumes/create', 'make volumes'),
  missing('GET', '/volumes/{name}', (name) => `get ${name}: no such volume`),
  { method: 'DELETE', path: '/volumes/{name}', handle: removeVolume },
  list('GET', '/plugins', { body: [], filters: ['capability', 'enabled'] }),
  missing('GET', '/plugins/{name}/json', (name) => `plugin "${name}" not found`),
  refused('POST', '/build', 'build them'),
  { method: 'POST', path: '/session', handle: session },
  ...['/swarm', '/nodes', '/services', '/tasks', '/secrets', '/configs'].map((path): Route => ({
    method: 'GET',
    path,
    handle: noSwarm,
  })),
];
