import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { globalFlags } from './command.ts';
import { contextName } from './context-name.ts';
import { parseFlags } from './flags.ts';

test('whoever names a store means no daemon of the configuration, unless a variable names one', async (context) => {
  const home = await mkdtemp(path.join(tmpdir(), 'gantry-context-'));
  context.after(() => rm(home, { recursive: true }));
  await mkdir(path.join(home, '.docker'));
  await writeFile(path.join(home, '.docker/config.json'), '{"currentContext":"far"}');
  const nameOf = (words: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    contextName({
      io: { env: { HOME: home, ...env }, cwd: home },
      globals: parseFlags(words, globalFlags).values,
    });
  assert.equal(await nameOf([]), 'far');
  assert.equal(await nameOf(['--data-root', 'x']), 'default');
  assert.equal(await nameOf([], { GANTRY_DATA_ROOT: 'x' }), 'default');
  assert.equal(await nameOf([], { GANTRY_DATA_ROOT: 'x', DOCKER_CONTEXT: 'near' }), 'near');
  assert.equal(await nameOf(['--config', 'elsewhere']), 'default');
  assert.equal(await nameOf([], { DOCKER_CONFIG: path.join(home, '.docker'), HOME: '/nowhere' }), 'far');
});
