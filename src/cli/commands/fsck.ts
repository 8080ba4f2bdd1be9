import type { FsckSums } from '#wire';
import { defineCommand } from '../command.ts';
import { showProgress } from '../progress.ts';

export const fsck = defineCommand({
  name: 'fsck',
  usage: '[OPTIONS]',
  short: 'Check the store, and repair it',
  long: 'Check that the store holds what it says: blobs, names, records and unpacked layers. The exit code is 1 when something stays wrong.',
  examples: ['fsck', 'fsck --deep', 'fsck --deep --repair'],
  flags: {
    deep: { type: 'boolean', usage: 'Also read every blob and layer, and mount every image' },
    repair: { type: 'boolean', usage: 'Fetch again what is damaged, and make again what is derived' },
  },
  arity: { min: 0, max: 0 },
  async run({ io, flags: { deep, repair }, engine, signal }) {
    const client = await engine();
    const answer = await client.request({
      method: 'POST',
      path: '/gantry/fsck',
      query: { deep: deep ? '1' : undefined, repair: repair ? '1' : undefined },
      signal,
    });
    let sums: FsckSums | undefined;
    await showProgress(io, answer.messages(), { onAux: (aux) => (sums = aux as FsckSums) });
    if (sums === undefined) return 1;
    const { Images, Blobs, Found, Repaired } = sums;
    io.stdout.write(`${Images} images, ${Blobs} blobs: ${Found} found, ${Repaired} repaired\n`);
    return Found === Repaired ? 0 : 1;
  },
});
