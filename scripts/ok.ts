/**
 * The gate before each commit: types, lint, format, architecture, dead code, generated pages, then unit and property
 * tests. The steps that only read run side by side; the first failure stops the run. `npm run ok -- types lint` runs
 * those steps only.
 */
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';

const formatCache = 'node_modules/.cache/format';

/** The longest first, so that no core waits for another at the end. */
const reading = {
  // Without a cache: a rule that asks for types sees other files than the one that changed.
  lint: ['eslint', '.'],
  types: ['tsc', '--noEmit'],
  // A cache of its own: prettier deletes the one at its usual place whenever it runs without.
  format: ['prettier', '--check', '--log-level', 'warn', '--cache', '--cache-location', formatCache, '.'],
  architecture: ['depcruise', '--config', '.dependency-cruiser.cjs', 'src'],
  'dead-code': ['knip', '--no-progress'],
  pages: ['node', 'scripts/pages.ts', '--check'],
} as const;

const cores = availableParallelism();

/** Takes all cores for itself; the runner alone would leave one idle. */
const testing = {
  tests: ['node', '--test', `--test-concurrency=${cores}`, '--test-reporter=dot', 'src/**/*.test.ts'],
} as const;

const steps: Readonly<Record<string, readonly [string, ...string[]]>> = { ...reading, ...testing };

/** Each test file is a process that loads the product again: compiled once, that takes two thirds of the time. */
const env = { ...process.env, NODE_COMPILE_CACHE: 'node_modules/.cache/node' };

/** A test that leaves something open would keep its runner forever; ended, the runner names it. Milliseconds. */
const mostTime = 300_000;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in steps));
if (unknown.length > 0) {
  console.error(`no such step: ${unknown.join(', ')}; the steps are ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}
const chosen = (names: object) =>
  Object.keys(names).filter((name) => wanted.length === 0 || wanted.includes(name));

const queue = chosen(reading);
await Promise.all(
  Array.from({ length: cores }, async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) await run(name);
  }),
);
for (const name of chosen(testing)) await run(name);

/** Runs a step and says how it went; what it printed is shown when it failed. Ends the whole run then. */
async function run(name: string): Promise<void> {
  const [command, ...args] = steps[name] ?? ['false'];
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: mostTime, env });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => output.push(chunk));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (code === 0) {
    console.log(`${name}: ok, ${seconds} s`);
    return;
  }
  process.stderr.write(Buffer.concat(output));
  console.error(`${name}: failed after ${seconds} s`);
  process.exit(1);
}
