/**
 * Needs root. Commands are killed (-9) at numbered points, one for each call that changes the store, and at random
 * moments. After each kill the store opens and is sound, the earlier image is there byte for byte, the same command
 * then succeeds, and what was durable is not fetched again. KILLS says how many kills; 40 unless told.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fsck } from '#engine';
import { openFaultyRegistry, type FaultyRegistry } from '../support/faulty-registry.ts';
import { gantry } from '../support/gantry.ts';
import { openRegistry, succeed, temporaryDirectory } from '../support/peers.ts';
import { publish } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';
import { openStoreEngine } from '../support/store-engine.ts';

const kills = Number(process.env['KILLS'] ?? 40);
const bin = new URL('../../bin/gantry.mjs', import.meta.url).pathname;
const killer = new URL('kill-at.ts', import.meta.url).pathname;

const earlier = randomImage({ seed: 1, layers: 2, fileSize: 20_000 });
const second = randomImage({ seed: 2, layers: 2, fileSize: 20_000 });
const wanted = randomImage({ seed: 3, layers: 3, fileSize: 200_000 });

describe('a command that is killed', { concurrency: 2 }, () => {
  const stack = new AsyncDisposableStack();
  let registry: FaultyRegistry;
  let scratch: string;
  let template: string;
  let stores = 0;
  const commands: Record<string, () => readonly string[]> = {
    pull: () => ['pull', `${registry.host}/crash/wanted:1`],
    load: () => ['load', '--input', join(scratch, 'wanted.tar')],
    import: () => ['import', join(scratch, 'root.tar'), 'imported:1'],
    tag: () => ['tag', 'earlier:1', 'again:1'],
    rmi: () => ['rmi', '--force', 'second:1', `${registry.host}/crash/second:1`],
    prune: () => ['image', 'prune', '--force'],
    push: () => ['push', `${registry.host}/crash/pushed:1`],
  };

  before(async () => {
    scratch = stack.use(await temporaryDirectory('crash')).path;
    // In memory: a store is copied for each kill. What a power failure loses is not asked here.
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', scratch]);
    const upstream = stack.use(await openRegistry());
    registry = stack.use(await openFaultyRegistry(upstream.url));
    const images = { earlier, second, wanted };
    for (const [name, image] of Object.entries(images))
      await publish(upstream.url, `crash/${name}`, '1', image);
    template = join(scratch, 'template');
    const other = join(scratch, 'other');
    await command(other, ['pull', `${registry.host}/crash/wanted:1`]);
    await command(other, [
      'save',
      '--output',
      join(scratch, 'wanted.tar'),
      `${registry.host}/crash/wanted:1`,
    ]);
    fs.writeFileSync(join(scratch, 'root.tar'), randomImage({ seed: 4, layers: 1 }).tars[0]!);
    for (const name of ['earlier', 'second']) {
      await command(template, ['pull', `${registry.host}/crash/${name}:1`]);
      await command(template, ['tag', `${registry.host}/crash/${name}:1`, `${name}:1`]);
    }
    // The second takes the name of the first, which is then there for `prune`.
    for (const seed of [5, 6]) {
      fs.writeFileSync(join(scratch, 'old.tar'), randomImage({ seed, layers: 1 }).tars[0]!);
      await command(template, ['import', join(scratch, 'old.tar'), 'moved:1']);
    }
    await command(template, ['tag', 'earlier:1', `${registry.host}/crash/pushed:1`]);
  });
  after(() => stack.disposeAsync());

  async function command(store: string, words: readonly string[]): Promise<void> {
    const { code, stderr } = await gantry(['--data-root', store, ...words]);
    assert.equal(code, 0, `${words.join(' ')}: ${stderr}`);
  }

  async function copyOfTemplate(): Promise<string> {
    const store = join(scratch, `store-${++stores}`);
    await succeed('cp', ['--archive', template, store]);
    return store;
  }

  /** Runs a command with the killer in it, for at most `patience` milliseconds. Answers whether a signal ended it. */
  async function runKilled(
    store: string,
    words: readonly string[],
    { env, patience }: { env: Record<string, string>; patience?: number },
  ): Promise<boolean> {
    const child = spawn(process.execPath, ['--import', killer, bin, '--data-root', store, ...words], {
      env: { ...process.env, ...env },
      stdio: 'ignore',
    });
    const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
    if (patience !== undefined) {
      await Promise.race([exit, sleep(patience, undefined, { ref: false })]);
      child.kill('SIGKILL');
    }
    const [, signal] = await exit;
    return signal === 'SIGKILL';
  }

  async function demandSound(store: string): Promise<void> {
    await using opened = await openStoreEngine(store);
    const { findings } = await fsck(opened.engine, { deep: true });
    assert.deepEqual(findings, []);
    const names = (await opened.engine.metadata.names()).map(({ name }) => name);
    assert.ok(names.includes('docker.io/library/earlier:1'), `earlier:1 is among ${names.join(', ')}`);
    for (const { digest } of [earlier.descriptors.config, ...earlier.descriptors.layers]) {
      assert.ok(await opened.engine.content.stat(digest), `${digest} of the earlier image`);
    }
  }

  async function demandRecovery(store: string, name: string, words: readonly string[]): Promise<void> {
    await demandSound(store);
    const durable = fs.readdirSync(join(store, 'blobs', 'sha256'));
    const from = registry.seen.length;
    const { code, stderr } = await gantry(['--data-root', store, ...words]);
    // What was removed before the kill cannot be removed again.
    const isDone = code === 0 || (name === 'rmi' && /No such image/.test(stderr));
    assert.ok(isDone, `${words.join(' ')} after a kill: ${stderr}`);
    // Other commands run meanwhile; of them all only `pull` fetches blobs.
    const fetched = (name === 'pull' ? registry.seen : [])
      .slice(from)
      .filter(({ method, path }) => method === 'GET' && path.includes('/blobs/'))
      .map(({ path }) => path.replace(/.*:/, ''));
    assert.deepEqual(
      fetched.filter((hex) => durable.includes(hex)),
      [],
    );
    await demandSound(store);
    fs.rmSync(store, { recursive: true });
  }

  const names = Object.keys(commands);
  // Half of the kills at points, half at random moments; the long commands have more of both.
  const share = (name: string) => Math.max(1, Math.round((kills / 2) * (name === 'pull' ? 0.3 : 0.7 / 6)));
  for (const name of names) {
    test(`${name}: at ${share(name)} points and ${share(name)} moments`, async (t) => {
      const words = commands[name]!();
      const first = await copyOfTemplate();
      const log = join(scratch, `points of ${name}`);
      const started = performance.now();
      assert.equal(await runKilled(first, words, { env: { KILL_LOG: log } }), false);
      const duration = performance.now() - started;
      await demandSound(first);
      const points = fs.readFileSync(log, 'utf8').trim().split('\n');
      t.diagnostic(`${points.length} points`);
      for (let n = 0; n < share(name); n++) {
        const store = await copyOfTemplate();
        const at = 1 + Math.floor(((n + Math.random()) / share(name)) * points.length);
        const killed = await runKilled(store, words, { env: { KILL_AT: String(at) } });
        t.diagnostic(`killed before call ${at}, ${points[at - 1] ?? ''}${killed ? '' : ' (ended before)'}`);
        await demandRecovery(store, name, words);
      }
      for (let n = 0; n < share(name); n++) {
        const store = await copyOfTemplate();
        await runKilled(store, words, { env: {}, patience: duration * (0.3 + 0.7 * Math.random()) });
        await demandRecovery(store, name, words);
      }
    });
  }
});
