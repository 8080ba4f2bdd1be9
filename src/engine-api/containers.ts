import { GantryError } from '#errors';
import { list, missing, notFound } from './absent.ts';
import { type Answer, json } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { filtersOf, flag, parseInteger, referenceOf, text } from './parameters.ts';
import type { Route } from './router.ts';

/*
 * There are no containers: lists of them are empty and none is ever found. What moby says of a request before it
 * looks for the container is said here too, because clients look at it.
 */

const listFilters = [
  ...['ancestor', 'before', 'exited', 'expose', 'health', 'id', 'is-task', 'isolation', 'label', 'name'],
  ...['network', 'publish', 'since', 'status', 'volume'],
];

async function containers(exchange: Exchange): Promise<Answer> {
  const form = await exchange.form();
  filtersOf(form, listFilters);
  const limit = text(form, 'limit');
  // moby gives this one no status of its own.
  if (limit !== undefined) parseInteger(limit, 'internal');
  return json([]);
}

async function create(exchange: Exchange): Promise<Answer> {
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
  const repository = text(form, 'repo');
  if (repository !== undefined) referenceOf(repository, text(form, 'tag'), { digest: false });
  throw notFound(noContainer(form.get('container') ?? ''));
}

async function logs(exchange: Exchange): Promise<Answer> {
  const form = await exchange.form();
  if (!flag(form, 'stdout') && !flag(form, 'stderr')) {
    throw new GantryError(
      'invalid-argument',
      'log-streams',
      'Bad parameters: you must choose at least one stream',
    );
  }
  throw notFound(noContainer(exchange.name));
}

async function wait(exchange: Exchange): Promise<Answer> {
  const condition = text(await exchange.form(), 'condition');
  const known = ['not-running', 'next-exit', 'removed'];
  if (condition !== undefined && exchange.speaks('1.30') && !known.includes(condition)) {
    throw new GantryError('invalid-argument', 'wait-condition', `invalid condition: "${condition}"`);
  }
  throw notFound(noContainer(exchange.name));
}

function noContainer(name: string): string {
  return `No such container: ${name}`;
}

function noExec(id: string): string {
  return `No such exec instance: ${id}`;
}

/** What is asked of one container, by method, but for what has a handler of its own. */
const requests = {
  GET: ['json', 'top', 'changes', 'export', 'stats', 'attach/ws', 'archive'],
  HEAD: ['archive'],
  PUT: ['archive'],
  POST: [
    ...[
      'kill',
      'pause',
      'unpause',
      'restart',
      'start',
      'stop',
      'resize',
      'attach',
      'exec',
      'rename',
      'update',
    ],
  ],
};

export const containerRoutes: readonly Route[] = [
  { method: 'GET', path: '/containers/json', handle: containers },
  list('POST', '/containers/prune', {
    body: { ContainersDeleted: null, SpaceReclaimed: 0 },
    filters: ['label', 'label!', 'until'],
  }),
  { method: 'POST', path: '/containers/create', handle: create },
  { method: 'GET', path: '/containers/{name}/logs', handle: logs },
  { method: 'POST', path: '/containers/{name}/wait', handle: wait },
  ...Object.entries(requests).flatMap(([method, verbs]) =>
    verbs.map((verb) => missing(method, `/containers/{name}/${verb}`, noContainer)),
  ),
  missing('DELETE', '/containers/{name}', noContainer),
  { method: 'POST', path: '/commit', handle: commit },
  missing('GET', '/exec/{name}/json', noExec),
  missing('POST', '/exec/{name}/start', noExec),
  missing('POST', '/exec/{name}/resize', noExec),
];
