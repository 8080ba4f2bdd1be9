import { GantryError } from '#errors';
import { type Answer, empty, json } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { flag } from './parameters.ts';
import type { Handler, Route } from './router.ts';

/*
 * What Gantry has none of: containers, volumes, plugins, a build cache, a swarm. Clients come by on their way to
 * images (`docker inspect` tries every kind of object, `docker system prune` every list), so each gets the answer
 * of a docker that has none of it.
 */

function list(method: string, path: string, body: unknown): Route {
  return { method, path, handle: () => json(body) };
}

function missing(method: string, path: string, say: (name: string) => string): Route {
  const handle: Handler = ({ name }) => {
    throw new GantryError('not-found', 'object-not-found', say(name));
  };
  return { method, path, handle };
}

function refused(method: string, path: string, what: string): Route {
  const handle: Handler = () => {
    throw new GantryError('unsupported', 'not-offered', `Gantry keeps images and does not ${what}`);
  };
  return { method, path, handle };
}

/** `rest` is the container's id or name and what is asked of it. */
function noContainer(rest: string): string {
  return `No such container: ${rest.split('/', 1)[0] ?? ''}`;
}

async function createContainer(exchange: Exchange): Promise<Answer> {
  const config = await exchange.json();
  if (typeof config !== 'object' || config === null || Object.keys(config).length === 0) {
    throw new GantryError(
      'invalid-argument',
      'container-config',
      'config cannot be empty in order to create a container',
    );
  }
  throw new GantryError('unsupported', 'not-offered', 'Gantry keeps images and does not run containers');
}

async function commit(exchange: Exchange): Promise<Answer> {
  const form = await exchange.form();
  throw new GantryError('not-found', 'object-not-found', noContainer(form.get('container') ?? ''));
}

async function removeVolume(exchange: Exchange): Promise<Answer> {
  if (flag(await exchange.form(), 'force')) return empty(204);
  throw new GantryError('not-found', 'object-not-found', `get ${exchange.name}: no such volume`);
}

function noSwarm(): Answer {
  throw new GantryError(
    'unavailable',
    'not-a-manager',
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  );
}

export const absentRoutes: readonly Route[] = [
  list('GET', '/containers/json', []),
  list('POST', '/containers/prune', { ContainersDeleted: null, SpaceReclaimed: 0 }),
  { method: 'POST', path: '/containers/create', handle: createContainer },
  ...['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].map((method) =>
    missing(method, '/containers/{name}', noContainer),
  ),
  { method: 'POST', path: '/commit', handle: commit },
  missing('GET', '/exec/{name}/json', (name) => `No such exec instance: ${name}`),
  missing('POST', '/exec/{name}/start', (name) => `No such exec instance: ${name}`),
  list('GET', '/volumes', { Volumes: [], Warnings: null }),
  list('POST', '/volumes/prune', { VolumesDeleted: [], SpaceReclaimed: 0 }),
  refused('POST', '/volumes/create', 'make volumes'),
  missing('GET', '/volumes/{name}', (name) => `get ${name}: no such volume`),
  { method: 'DELETE', path: '/volumes/{name}', handle: removeVolume },
  list('GET', '/plugins', []),
  missing('GET', '/plugins/{name}/json', (name) => `plugin "${name}" not found`),
  list('POST', '/build/prune', { CachesDeleted: null, SpaceReclaimed: 0 }),
  refused('POST', '/build', 'build them'),
  ...['/swarm', '/nodes', '/services', '/tasks', '/secrets', '/configs'].map((path): Route => ({
    method: 'GET',
    path,
    handle: noSwarm,
  })),
];
