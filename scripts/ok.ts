/**
 * The gate before each commit: format, types, lint, architecture, dead code, generated pages, unit and property
 * tests. Cheap checks first; the first failure stops the run. `npm run ok -- types lint` runs those steps only.
 */
import { spawnSync } from 'node:child_process';

const formatCache = 'node_modules/.cache/format';

const steps = {
  // A cache of its own: prettier deletes the one at its usual place whenever it runs without.
  format: ['prettier', '--check', '--log-level', 'warn', '--cache', '--cache-location', formatCache, '.'],
  types: ['tsc', '--noEmit'],
  lint: ['eslint', '--cache', '--cache-location', 'node_modules/.cache/eslint', '.'],
  architecture: ['depcruise', '--config', '.dependency-cruiser.cjs', 'src'],
  'dead-code': ['knip', '--no-progress'],
  pages: ['node', 'scripts/pages.ts', '--check'],
  tests: ['node', '--test', '--test-reporter=dot', 'src/**/*.test.ts'],
} as const;

/** A test that leaves something open would keep its runner forever; ended, the runner names it. Milliseconds. */
const mostTime = 300_000;

type Step = keyof typeof steps;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(', ')}; the steps are ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}
for (const name of (wanted.length > 0 ? wanted : Object.keys(steps)) as Step[]) {
  const [command, ...args] = steps[name];
  const started = performance.now();
  const result = spawnSync(command, args, { stdio: 'inherit', timeout: mostTime });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (result.status !== 0) {
    console.error(`${name}: failed after ${seconds} s`);
    process.exit(1);
  }
  console.log(`${name}: ok, ${seconds} s`);
}
