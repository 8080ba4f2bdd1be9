import assert from 'node:assert/strict';
import { unlink } from 'node:fs/promises';
import { test } from 'node:test';
import { pullImage } from '#engine';
import { parseReference } from '#oci';
import { randomImage } from '../../test/support/random-image.ts';
import { rawExchange } from '../../test/support/raw-exchange.ts';
import { openTestApi } from '../../test/support/test-api.ts';
import { store } from '../../test/support/test-engine.ts';

test('POST /gantry/fsck tells what is wrong, line by line, and repairs it when asked to', async () => {
  await using api = await openTestApi();
  const image = randomImage({ seed: 1, layers: 1 });
  await store(api.registry('registry.test'), 'a', '1', image);
  await pullImage(api.engine, parseReference('registry.test/a:1'));
  const layer = image.descriptors.layers[0]!.digest;
  const ask = async (query: string) => (await rawExchange(api.server, `POST /gantry/fsck${query}`)).lines;
  const checking = { status: 'Checking registry.test/a:1' };
  const sums = { Images: 1, Blobs: 3, Found: 0, Repaired: 0 };
  assert.deepEqual(await ask('?deep=1'), [checking, { aux: sums }]);
  await unlink(api.engine.content.pathOf(layer)!);
  const status = `blob-missing: ${layer} of registry.test/a:1: it is not in the store`;
  assert.deepEqual(await ask(''), [checking, { status }, { aux: { ...sums, Found: 1 } }]);
  assert.deepEqual(await ask('?repair=1'), [
    checking,
    { status: `${status}: repaired` },
    { aux: { ...sums, Found: 1, Repaired: 1 } },
  ]);
  assert.deepEqual(await ask(''), [checking, { aux: sums }]);
});
