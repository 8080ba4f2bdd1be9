import { encodeFilters, type ImagesPruned } from '#wire';
import { defineCommand } from '../command.ts';
import { confirm } from '../confirm.ts';
import { removedImages } from '../removed-images.ts';
import { humanSize } from '../units.ts';

export const imagePrune = defineCommand({
  name: 'prune',
  usage: '[OPTIONS]',
  short: 'Remove unused images',
  examples: ['image prune', 'image prune --all --filter until=72h'],
  flags: {
    all: { type: 'boolean', short: 'a', usage: 'Remove all unused images, not just dangling ones' },
    filter: { type: 'filter', usage: 'Provide filter values (e.g. "until=<timestamp>")' },
    force: { type: 'boolean', short: 'f', usage: 'Do not prompt for confirmation' },
  },
  arity: { min: 0, max: 0 },
  async run({ io, flags, engine, signal }) {
    const which = flags.all
      ? 'all images without at least one container associated to them'
      : 'all dangling images';
    const warning = `WARNING! This will remove ${which}.\nAre you sure you want to continue? [y/N] `;
    if (!flags.force && !(await confirm(io, warning, signal))) return 0;
    const client = await engine();
    const answer = await client.request({
      method: 'POST',
      path: '/images/prune',
      query: {
        filters: encodeFilters(new Map(Object.entries({ ...flags.filter, dangling: [String(!flags.all)] }))),
      },
      signal,
    });
    const { ImagesDeleted, SpaceReclaimed } = (await answer.json()) as ImagesPruned;
    const removed = removedImages(ImagesDeleted ?? []);
    if (removed !== '') io.stdout.write(`${removed}\n`);
    io.stdout.write(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
    return undefined;
  },
});
