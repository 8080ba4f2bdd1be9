import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '#oci';
import { rawExchange } from '../../test/support/raw-exchange.ts';
import { openTestApi } from '../../test/support/test-api.ts';

const bytes = Buffer.from('an orphan');
const leftover = { Kind: 'blob', Name: digestOf(bytes), Size: bytes.length };

for (const [path, answer] of [
  ['/gantry/gc', { Leftovers: [leftover], SpaceReclaimed: bytes.length }],
  ['/build/prune?filters=', { CachesDeleted: null, SpaceReclaimed: bytes.length }],
] as const) {
  test(`POST ${path} removes what nothing needs, and a dry run tells it before`, async () => {
    let now = Date.now();
    await using api = await openTestApi({ clock: () => now });
    {
      await using ingest = await api.engine.content.ingest(digestOf(bytes));
      await ingest?.write(bytes);
      await ingest?.commit();
    }
    const ask = async (line: string) => (await rawExchange(api.server, line)).lines[0];
    assert.deepEqual(await ask('POST /gantry/gc'), { Leftovers: [], SpaceReclaimed: 0 }, 'it is too new');
    now += 2 * 60 * 60 * 1000;
    const told = { Leftovers: [leftover], SpaceReclaimed: bytes.length };
    assert.deepEqual(await ask('POST /gantry/gc?dry-run=1'), told);
    assert.notEqual(await api.engine.content.stat(digestOf(bytes)), undefined);
    assert.deepEqual(await ask(`POST ${path}`), answer);
    assert.equal(await api.engine.content.stat(digestOf(bytes)), undefined);
  });
}
