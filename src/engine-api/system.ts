import { release } from 'node:os';
import { type ImageSummary, listImages } from '#engine';
import { GantryError } from '#errors';
import { currentApiVersion, type DiskUsage, oldestApiVersion, type Version } from '#wire';
import { type Answer, json } from './answer.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { summaryBody } from './image-bodies.ts';
import { infoBody } from './info-body.ts';
import { flag } from './parameters.ts';
import type { Route } from './router.ts';

function version(_exchange: Exchange, { engine, facts }: Daemon): Answer {
  const common = {
    ApiVersion: currentApiVersion,
    MinAPIVersion: oldestApiVersion,
    GitCommit: facts.commit,
    // Clients print it as the runtime's version.
    GoVersion: `node${process.versions.node}`,
    Os: 'linux',
    Arch: engine.platform.architecture,
    KernelVersion: release(),
    BuildTime: facts.built,
  };
  const details = Object.entries({ ...common, Experimental: 'false' }).sort(([a], [b]) => (a < b ? -1 : 1));
  return json({
    Platform: { Name: 'Gantry' },
    // Clients take the details from the component of this very name.
    Components: [{ Name: 'Engine', Version: facts.version, Details: Object.fromEntries(details) }],
    Version: facts.version,
    ...common,
  } satisfies Version);
}

async function info(_exchange: Exchange, daemon: Daemon): Promise<Answer> {
  return json(infoBody(daemon, (await listImages(daemon.engine, { all: true })).length));
}

const objectTypes = ['container', 'image', 'volume', 'build-cache'] as const;

/** `GET /system/df`. What was not asked for is null; with `store`, which is ours, what the store takes on the disk. */
async function diskUsage(exchange: Exchange, { engine, facts }: Daemon): Promise<Answer> {
  const asked = exchange.speaks('1.42') ? (await exchange.form()).getAll('type') : [];
  const unknown = asked.find((type) => !(objectTypes as readonly string[]).includes(type));
  if (unknown !== undefined) {
    throw new GantryError('invalid-argument', 'object-type', `unknown object type: ${unknown}`);
  }
  const wants = (type: (typeof objectTypes)[number]) => asked.length === 0 || asked.includes(type);
  const images = wants('image') ? await listImages(engine, { sharedSize: true }) : undefined;
  // It reads each directory of the store: only for who asks.
  const store = flag(exchange.query, 'store') ? await facts.usage?.() : undefined;
  return json({
    LayersSize: images === undefined ? 0 : layersSize(await listImages(engine, { all: true })),
    Images: images?.map((image) => summaryBody(image, exchange.speaks, { containers: 0 })) ?? null,
    Containers: wants('container') ? [] : null,
    Volumes: wants('volume') ? [] : null,
    BuildCache: wants('build-cache') ? [] : null,
    ...(store && { Store: store }),
  } satisfies DiskUsage);
}

/** Bytes of the layers of `images`, each layer once. */
function layersSize(images: readonly ImageSummary[]): number {
  const layers = images.flatMap(({ record }) => record.layers);
  const sizes = new Map(layers.map(({ chainId, size }) => [chainId, size]));
  return sizes.values().reduce((sum, size) => sum + size, 0);
}

export const systemRoutes: readonly Route[] = [
  { method: 'GET', path: '/version', handle: version },
  { method: 'GET', path: '/info', handle: info },
  { method: 'GET', path: '/system/df', handle: diskUsage },
];
