/** Needs root: overlay mounts. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findError } from '#errors';
import { listMounts, unmount } from '#host';
import { digestOf, type Digest } from '#oci';
import { openSnapshots, type Snapshots } from '#snapshot';

const directory = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'gantry-snapshot-')));
after(async () => {
  for (const mounted of await listMounts(directory)) await unmount(mounted);
  fs.rmSync(directory, { recursive: true });
});

const digest = (text: string): Digest => digestOf(Buffer.from(text));

function fresh(name: string): string {
  const path = join(directory, name);
  fs.mkdirSync(path);
  return path;
}

async function commit(snapshots: Snapshots, name: string, files: Record<string, string>): Promise<Digest> {
  await using prepared = await snapshots.prepare(digest(name));
  for (const [path, text] of Object.entries(files)) fs.writeFileSync(join(prepared.directory, path), text);
  return (await prepared.commit(digest(name), 7)).key;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  return Array.fromAsync(items);
}

test('a committed layer is seen, listed, and removed', async () => {
  {
    await using snapshots = await openSnapshots({ directory: join(directory, 'life') });
    const key = await commit(snapshots, 'a', { file: 'text' });
    const info = await snapshots.stat(key);
    assert.equal(info?.size, 7);
    assert.equal(fs.readFileSync(join(info.directory, 'file'), 'utf8'), 'text');
    assert.equal(fs.statSync(info.directory).mode & 0o7777, 0o755);
    assert.deepEqual(await collect(snapshots.list()), [info]);
    assert.equal(await snapshots.stat(digest('b')), undefined);
    await snapshots.remove(key);
    await snapshots.remove(key);
    assert.deepEqual(await collect(snapshots.list()), []);
  }
  // Disposing has waited for the deletion.
  for (const part of ['new', 'locks', 'trash']) {
    assert.deepEqual(fs.readdirSync(join(directory, 'life', part)), [], part);
  }
});

test('what is disposed unfinished leaves nothing', async () => {
  await using snapshots = await openSnapshots({ directory: join(directory, 'unfinished') });
  {
    await using prepared = await snapshots.prepare(digest('a'));
    await prepared.mountAbove([]);
    fs.writeFileSync(join(prepared.directory, 'file'), '');
  }
  assert.deepEqual(await collect(snapshots.list()), []);
  assert.deepEqual(fs.readdirSync(join(directory, 'unfinished', 'new')), []);
  assert.deepEqual(await listMounts(join(directory, 'unfinished')), []);
});

test('a second writer of a layer waits, finds it made, and its own commit changes nothing', async () => {
  await using snapshots = await openSnapshots({ directory: join(directory, 'two') });
  await using first = await snapshots.prepare(digest('a'));
  await assert.rejects(snapshots.prepare(digest('a'), { signal: AbortSignal.timeout(20) }), {
    name: 'TimeoutError',
  });
  const waiting = snapshots.prepare(digest('a'));
  fs.writeFileSync(join(first.directory, 'first'), '');
  await first.commit(digest('a'), 1);
  await using second = await waiting;
  assert.equal((await snapshots.stat(digest('a')))?.size, 1);
  fs.writeFileSync(join(second.directory, 'second'), '');
  const info = await second.commit(digest('a'), 2);
  assert.equal(info.size, 1);
  assert.deepEqual(fs.readdirSync(info.directory), ['first']);
});

test('layers are seen through each other, base first, and changes go to the upper directory', async () => {
  await using snapshots = await openSnapshots({ directory: join(directory, 'stack') });
  const base = await commit(snapshots, 'base', { file: 'base', below: '' });
  const top = await commit(snapshots, 'top', { file: 'top' });
  const target = fresh('target');
  {
    await using _mounted = await snapshots.mount([base, top], { target });
    assert.equal(fs.readFileSync(join(target, 'file'), 'utf8'), 'top');
    assert.deepEqual(fs.readdirSync(target).sort(), ['below', 'file']);
    assert.throws(() => {
      fs.writeFileSync(join(target, 'x'), '');
    }, /EROFS/);
  }
  const upper = { directory: fresh('upper'), work: fresh('work') };
  for (const layers of [[], [base]]) {
    await using _mounted = await snapshots.mount(layers, { target, upper });
    fs.writeFileSync(join(target, `changed-${layers.length}`), '');
  }
  assert.deepEqual(fs.readdirSync(upper.directory).sort(), ['changed-0', 'changed-1']);
  for (const layers of [[], [base]]) {
    await using _mounted = await snapshots.mount(layers, { target });
    assert.equal(fs.readdirSync(target).length, layers.length * 2);
  }
  await assert.rejects(
    snapshots.mount([digest('missing')], { target }),
    (error) => findError(error, { code: 'snapshot-not-found' }) !== undefined,
  );
  assert.deepEqual(await listMounts(target), []);
});

test('a layer made above others holds the difference only', async () => {
  await using snapshots = await openSnapshots({ directory: join(directory, 'above') });
  await using bottom = await snapshots.prepare(digest('base'));
  fs.writeFileSync(join(bottom.directory, 'old'), '');
  fs.mkdirSync(join(bottom.directory, 'tmp'), { mode: 0o755 });
  fs.chmodSync(join(bottom.directory, 'tmp'), 0o1777);
  fs.chmodSync(bottom.directory, 0o711);
  const base = await bottom.commit(digest('base'), 0);
  await using prepared = await snapshots.prepare(digest('top'));
  fs.writeFileSync(join(prepared.directory, 'from the first try'), '');
  const { target } = await prepared.mountAbove([base.key]);
  fs.rmSync(join(target, 'old'));
  fs.writeFileSync(join(target, 'tmp', 'new'), '');
  const info = await prepared.commit(digest('chain'), 3);
  assert.equal(await snapshots.stat(digest('top')), undefined);
  assert.deepEqual(fs.readdirSync(info.directory).sort(), ['old', 'tmp']);
  assert.ok(fs.lstatSync(join(info.directory, 'old')).isCharacterDevice());
  assert.equal(fs.statSync(join(info.directory, 'tmp')).mode & 0o7777, 0o1777);
  assert.equal(fs.statSync(info.directory).mode & 0o7777, 0o711);
  assert.deepEqual(fs.readdirSync(join(info.directory, '..')).sort(), ['fs', 'info.json', 'root']);
});

test('what a killed process left is cleared by the next open, and not what a living one works on', async () => {
  const place = join(directory, 'killed');
  const script = `const { openSnapshots } = await import('#snapshot');
    const { digestOf } = await import('#oci');
    const snapshots = await openSnapshots({ directory: ${JSON.stringify(place)} });
    const prepared = await snapshots.prepare(digestOf(Buffer.from('a')));
    await prepared.mountAbove([]);
    console.log('ready'); setTimeout(() => prepared, 20000);`;
  {
    using child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data', { signal: AbortSignal.timeout(20_000) });
    {
      await using _living = await openSnapshots({ directory: place });
      assert.equal((await listMounts(place)).length, 1);
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  {
    await using snapshots = await openSnapshots({ directory: place });
    assert.deepEqual(await listMounts(place), []);
    assert.deepEqual(await collect(snapshots.list()), []);
  }
  for (const part of ['new', 'locks', 'trash']) assert.deepEqual(fs.readdirSync(join(place, part)), [], part);
});

test('damaged facts about a layer are reported', async () => {
  await using snapshots = await openSnapshots({ directory: join(directory, 'damaged') });
  const key = await commit(snapshots, 'a', {});
  const path = join((await snapshots.stat(key))!.directory, '..', 'info.json');
  for (const text of ['{', '{"size":"7"}', 'null']) {
    fs.writeFileSync(path, text);
    await assert.rejects(
      snapshots.stat(key),
      (error) => findError(error, { code: 'snapshot-info' }) !== undefined,
    );
  }
});
