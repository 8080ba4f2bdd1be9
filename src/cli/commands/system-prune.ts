import { GantryError } from '#errors';
import { encodeFilters, type ImagesPruned } from '#wire';
import { defineCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import type { Filters } from '../flag-types.ts';
import { removedImages } from '../removed-images.ts';
import { humanSize } from '../units.ts';

export const systemPrune = defineCommand({
  name: 'prune',
  usage: '[OPTIONS]',
  short: 'Remove unused data',
  examples: ['system prune', 'system prune --all --force --filter until=72h'],
  flags: {
    all: { type: 'boolean', short: 'a', usage: 'Remove all unused images not just dangling ones' },
    filter: { type: 'filter', usage: 'Provide filter values (e.g. "label=<key>=<value>")' },
    force: { type: 'boolean', short: 'f', usage: 'Do not prompt for confirmation' },
    volumes: { type: 'boolean', usage: 'Prune anonymous volumes' },
  },
  arity: { min: 0, max: 0 },
  async run({ io, flags, engine, signal }) {
    if (flags.volumes && flags.filter['until'] !== undefined) {
      throw new GantryError(
        'invalid-argument',
        'flags-conflict',
        'ERROR: The "until" filter is not supported with "--volumes"',
      );
    }
    if (!flags.force && !(await confirm(io, warning(flags), signal))) return 0;
    const client = await engine();
    let reclaimed = 0;
    for (const { path, query, list } of steps(flags)) {
      const answer = await client.request({ method: 'POST', path, query, signal });
      const report = (await answer.json()) as Report;
      const text = list(report);
      if (text !== '') io.stdout.write(`${text}\n`);
      reclaimed += report.SpaceReclaimed ?? 0;
    }
    io.stdout.write(`Total reclaimed space: ${humanSize(reclaimed)}\n`);
    return undefined;
  },
});

interface Choices {
  readonly all: boolean;
  readonly volumes: boolean;
  readonly filter: Filters;
}

function warning({ all, volumes, filter }: Choices): string {
  const removed = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
    all ? 'all build cache' : 'unused build cache',
  ];
  const filters = ['label', 'label!', 'until'].flatMap((name) =>
    (filter[name] ?? []).map((value) => `${name}=${value}`),
  );
  const order = new Intl.Collator('en', { numeric: true }).compare;
  const items = (lines: readonly string[]): string => lines.map((line) => `  - ${line}\n`).join('');
  const filtered =
    filters.length > 0 ? `\n  Items to be pruned will be filtered with:\n${items(filters.sort(order))}` : '';
  return `WARNING! This will remove:\n${items(removed)}${filtered}\nAre you sure you want to continue? [y/N] `;
}

/** What one of the prunings answers: what it removed, under a name of its own. */
type Report = Partial<ImagesPruned> &
  Readonly<
    Partial<
      Record<
        'ContainersDeleted' | 'NetworksDeleted' | 'VolumesDeleted' | 'CachesDeleted',
        readonly string[] | null
      >
    >
  >;

interface Step {
  readonly path: string;
  readonly query: Readonly<Record<string, string | number | undefined>>;
  readonly list: (report: Report) => string;
}

/** The prunings in docker's order (docker/cli command/system/prune.go). */
function steps({ all, volumes, filter }: Choices): Step[] {
  const filters = encoded(filter);
  const step = (path: string, title: string, key: Exclude<keyof Report, keyof ImagesPruned>): Step => ({
    path,
    query: { filters },
    list: (report) => listed(title, report[key]),
  });
  return [
    step('/containers/prune', 'Deleted Containers', 'ContainersDeleted'),
    step('/networks/prune', 'Deleted Networks', 'NetworksDeleted'),
    ...(volumes ? [step('/volumes/prune', 'Deleted Volumes', 'VolumesDeleted')] : []),
    {
      path: '/images/prune',
      query: { filters: encoded({ ...filter, dangling: [String(!all)] }) },
      list: ({ ImagesDeleted }) => removedImages(ImagesDeleted ?? []),
    },
    {
      ...step('/build/prune', 'Deleted build cache objects', 'CachesDeleted'),
      query: { filters, all: all ? 1 : undefined },
    },
  ];
}

function encoded(filter: Filters): string | undefined {
  const entries = Object.entries(filter);
  return entries.length > 0 ? encodeFilters(new Map(entries)) : undefined;
}

function listed(title: string, names: readonly string[] | null | undefined): string {
  return names && names.length > 0 ? `${title}:\n${names.map((name) => `${name}\n`).join('')}` : '';
}
