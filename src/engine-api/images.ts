import {
  type Engine,
  type ImageFilters,
  imageHistory,
  inspectImage,
  keptManifests,
  listImages,
  pruneImages,
  type Removal,
  removeImage,
  tagImage,
} from '#engine';
import { GantryError } from '#errors';
import type { Platform } from '#oci';
import { type Filters, invalidFilter, parseTimestamp } from '#wire';
import type * as wire from '#wire';
import { type Answer, empty, json } from './answer.ts';
import { unlessKnown } from './conditional.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { historyBody, inspectBody, summaryBody } from './image-bodies.ts';
import { booleanFilter, filtersOf, flag, parseJsonPlatform, referenceOf, text } from './parameters.ts';
import type { Route } from './router.ts';

async function list(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const form = await exchange.form();
  const filters = new Map(filtersOf(form, ['dangling', 'label', 'before', 'since', 'reference', 'until']));
  const pattern = text(form, 'filter');
  if (pattern !== undefined && !exchange.speaks('1.41')) {
    filters.set('reference', [...(filters.get('reference') ?? []), pattern]);
  }
  const images = await listImages(engine, {
    all: flag(form, 'all'),
    sharedSize: exchange.speaks('1.42') && flag(form, 'shared-size'),
    filters: imageFilters(filters, engine.clock()),
  });
  const wantsManifests = exchange.speaks('1.47') && flag(form, 'manifests');
  const bodies: wire.ImageSummary[] = [];
  for (const image of images) {
    const manifests = wantsManifests ? await keptManifests(engine, image.record) : undefined;
    bodies.push(summaryBody(image, exchange.speaks, { manifests }));
  }
  return unlessKnown(exchange, json(bodies));
}

/** The filters of images in the engine's words. @throws invalid-argument `invalid-filter`, `timestamp` */
function imageFilters(filters: Filters, now: number): ImageFilters {
  const dangling = booleanFilter(filters, 'dangling');
  const lists = {
    labels: 'label',
    notLabels: 'label!',
    before: 'before',
    since: 'since',
    references: 'reference',
  };
  const present = Object.entries(lists).flatMap(([name, key]) => {
    const values = filters.get(key) ?? [];
    return values.length === 0 ? [] : [[name, values] as const];
  });
  return {
    ...(dangling === undefined ? {} : { dangling }),
    ...Object.fromEntries(present),
    until: (filters.get('until') ?? []).map((time) => parseTimestamp(time, now)),
  };
}

async function inspect(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const form = await exchange.form();
  const platform = exchange.speaks('1.49') ? text(form, 'platform') : undefined;
  const wantsManifests = exchange.speaks('1.48') && flag(form, 'manifests');
  if (platform !== undefined && wantsManifests) {
    throw new GantryError(
      'invalid-argument',
      'options-conflict',
      'conflicting options: manifests and platform options cannot both be set',
    );
  }
  const details = await inspectImage(engine, exchange.name, forPlatform(parseJsonPlatform(platform)));
  const manifests = wantsManifests ? await keptManifests(engine, details.record) : undefined;
  return json(inspectBody(details, exchange.speaks, { manifests }));
}

async function history(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const form = await exchange.form();
  const platform = exchange.speaks('1.48') ? parseJsonPlatform(text(form, 'platform')) : undefined;
  return json((await imageHistory(engine, exchange.name, forPlatform(platform))).map(historyBody));
}

async function tag(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const form = await exchange.form();
  await tagImage(
    engine,
    exchange.name,
    referenceOf(form.get('repo') ?? '', text(form, 'tag'), { digest: false }),
  );
  return empty(201);
}

async function remove(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  if (exchange.name.trim() === '') {
    throw new GantryError('invalid-argument', 'image-name-blank', 'image name cannot be blank');
  }
  const form = await exchange.form();
  const platforms = exchange.speaks('1.50')
    ? form.getAll('platforms').map((value) => parseJsonPlatform(value))
    : [];
  if (platforms.length > 1) {
    throw new GantryError('invalid-argument', 'platforms-many', 'multiple platforms are not supported');
  }
  const removals = await removeImage(engine, exchange.name, {
    ...forPlatform(platforms[0]),
    force: flag(form, 'force'),
    noPrune: flag(form, 'noprune'),
  });
  return json(removals.map(removalBody));
}

/** The engines that are pruned right now: each once at a time. */
const pruning = new WeakSet<Engine>();

async function prune(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const filters = filtersOf(await exchange.form(), ['dangling', 'label', 'label!', 'until']);
  if ((filters.get('until') ?? []).length > 1) throw invalidFilter('more than one until filter specified');
  const { dangling = true, ...others } = imageFilters(filters, engine.clock());
  if (pruning.has(engine)) {
    throw new GantryError('conflict', 'prune-running', 'a prune operation is already running');
  }
  pruning.add(engine);
  using _done = { [Symbol.dispose]: () => pruning.delete(engine) };
  const { removals, reclaimed } = await pruneImages(engine, { danglingOnly: dangling, filters: others });
  return json({
    ImagesDeleted: removals.length === 0 ? null : removals.map(removalBody),
    SpaceReclaimed: reclaimed,
  } satisfies wire.ImagesPruned);
}

function removalBody(removal: Removal): wire.ImageDeleted {
  return 'untagged' in removal ? { Untagged: removal.untagged } : { Deleted: removal.deleted };
}

function forPlatform(platform: Platform | undefined): { platform?: Platform } {
  return platform === undefined ? {} : { platform };
}

export const imageRoutes: readonly Route[] = [
  { method: 'GET', path: '/images/json', handle: list },
  { method: 'GET', path: '/images/{name}/history', handle: history },
  { method: 'GET', path: '/images/{name}/json', handle: inspect },
  { method: 'POST', path: '/images/{name}/tag', handle: tag },
  { method: 'POST', path: '/images/prune', handle: prune },
  { method: 'DELETE', path: '/images/{name}', handle: remove },
];
