/** What only a daemon needs is loaded by a daemon only: a short command would pay half its time for it. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gantry } from '../support/gantry.ts';
import { temporaryDirectory } from '../support/peers.ts';

test('a command without a daemon loads no log, no metrics and no parser of configurations', async () => {
  await using directory = await temporaryDirectory('lazy');
  // Coverage names each script that was loaded.
  const coverage = join(directory.path, 'coverage');
  const { code } = await gantry(['--data-root', join(directory.path, 'data'), 'images'], {
    env: { NODE_V8_COVERAGE: coverage },
  });
  assert.equal(code, 0);
  const [file = ''] = await readdir(coverage);
  const { result } = JSON.parse(await readFile(join(coverage, file), 'utf8')) as {
    result: { url: string }[];
  };
  const packages = new Set(
    result.flatMap(({ url }) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []),
  );
  assert.ok(result.some(({ url }) => url.endsWith('/src/app/connect.ts')));
  for (const name of ['pino', 'prom-client', '@humanwhocodes/momoa', 'undici']) {
    assert.ok(!packages.has(name), `${name} is loaded`);
  }
});
