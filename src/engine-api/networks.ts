import { GantryError } from '#errors';
import { list as listRoute, notFound } from './absent.ts';
import { type Answer, json } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { filtersOf } from './parameters.ts';
import type { Route } from './router.ts';

/** The networks that every docker has. Gantry runs no containers, so nothing is ever on them. */
const networks = [
  { name: 'none', driver: 'null' },
  { name: 'host', driver: 'host' },
  { name: 'bridge', driver: 'bridge' },
].map(({ name, driver }) => ({
  Name: name,
  // The same at each start, as ids of networks that are never made anew.
  Id: Buffer.from(`${name} network`).toString('hex').padEnd(64, '0'),
  Created: '0001-01-01T00:00:00Z',
  Scope: 'local',
  Driver: driver,
  EnableIPv4: true,
  EnableIPv6: false,
  IPAM: { Driver: 'default', Options: null, Config: null },
  Internal: false,
  Attachable: false,
  Ingress: false,
  ConfigFrom: { Network: '' },
  ConfigOnly: false,
  Containers: {},
  Options: {},
  Labels: {},
}));

type Network = (typeof networks)[number];

const matchers: Readonly<Record<string, (network: Network, value: string) => boolean>> = {
  name: ({ Name }, value) => Name.includes(value),
  id: ({ Id }, value) => Id.startsWith(value),
  driver: ({ Driver }, value) => Driver === value,
  scope: ({ Scope }, value) => Scope === value,
  type: (_network, value) => value === 'builtin',
  label: () => false,
  dangling: () => false,
};

async function list(exchange: Exchange): Promise<Answer> {
  const filters = filtersOf(await exchange.form(), Object.keys(matchers));
  const isWanted = (network: Network) =>
    [...filters].every(
      ([key, values]) => values.length === 0 || values.some((value) => matchers[key]?.(network, value)),
    );
  return json(networks.filter(isWanted));
}

function inspect({ name }: Exchange): Answer {
  return json(find(name));
}

function remove({ name }: Exchange): Answer {
  throw new GantryError(
    'forbidden',
    'network-predefined',
    `${find(name).Name} is a pre-defined network and cannot be removed`,
  );
}

/** By name, id, or the beginning of an id. @throws not-found `object-not-found` */
function find(name: string): Network {
  const found =
    networks.find((network) => network.Name === name || network.Id === name) ??
    networks.find((network) => name !== '' && network.Id.startsWith(name));
  if (found === undefined) throw notFound(`network ${name} not found`);
  return found;
}

/** A container is never here; the network is looked for first. */
async function connect(exchange: Exchange): Promise<Answer> {
  const body = (await exchange.json()) as { Container?: unknown } | null;
  find(exchange.name);
  throw notFound(`No such container: ${typeof body?.Container === 'string' ? body.Container : ''}`);
}

function create(): Answer {
  throw new GantryError('unsupported', 'not-offered', 'Gantry keeps images and does not make networks');
}

export const networkRoutes: readonly Route[] = [
  { method: 'GET', path: '/networks', handle: list },
  { method: 'GET', path: '/networks/{name}', handle: inspect },
  { method: 'DELETE', path: '/networks/{name}', handle: remove },
  { method: 'POST', path: '/networks/create', handle: create },
  { method: 'POST', path: '/networks/{name}/connect', handle: connect },
  { method: 'POST', path: '/networks/{name}/disconnect', handle: connect },
  listRoute('POST', '/networks/prune', {
    body: { NetworksDeleted: null },
    filters: ['label', 'label!', 'until'],
  }),
];
