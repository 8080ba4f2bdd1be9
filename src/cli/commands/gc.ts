import type { GarbageCollected } from '#wire';
import { defineCommand } from '../command.ts';
import { humanSize } from '../units.ts';

export const gc = defineCommand({
  name: 'gc',
  usage: '[OPTIONS]',
  short: 'Remove what nothing in the store needs',
  long: 'Remove blobs, unpacked layers and unfinished downloads and uploads that no image, name, repository or running work needs. What came within the last hour stays.',
  examples: ['gc --dry-run', 'gc'],
  flags: { 'dry-run': { type: 'boolean', usage: 'Only print what would be removed' } },
  arity: { min: 0, max: 0 },
  async run({ io, flags: { dryRun }, engine, signal }) {
    const client = await engine();
    const query = { 'dry-run': dryRun ? '1' : undefined };
    const answer = await client.request({ method: 'POST', path: '/gantry/gc', query, signal });
    const { Leftovers, SpaceReclaimed } = (await answer.json()) as GarbageCollected;
    for (const { Kind, Name, Size } of Leftovers) io.stdout.write(`${Kind} ${Name} ${humanSize(Size)}\n`);
    io.stdout.write(`Total ${dryRun ? 'reclaimable' : 'reclaimed'} space: ${humanSize(SpaceReclaimed)}\n`);
    return undefined;
  },
});
