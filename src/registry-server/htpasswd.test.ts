import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hash } from 'bcryptjs';
import { findError } from '#errors';
import { openHtpasswd } from './htpasswd.ts';

async function open() {
  const directory = await mkdtemp(join(tmpdir(), 'gantry-htpasswd-'));
  const file = join(directory, 'htpasswd');
  return {
    file,
    write: (...lines: string[]) => writeFile(file, lines.join('\n')),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

const line = async (user: string, password: string): Promise<string> => `${user}:${await hash(password, 4)}`;
const fails = (code: string) => (error: unknown) => findError(error, { code }) !== undefined;

test('the right password of a user is right, and no other', async () => {
  await using files = await open();
  await files.write('# users', '', await line('ann', 'secret: 1'), await line('bob', ''));
  const users = await openHtpasswd(files.file);
  for (const _ of [1, 2]) {
    assert.equal(await users.verify({ user: 'ann', password: 'secret: 1' }), true);
    assert.equal(await users.verify({ user: 'ann', password: 'secret' }), false);
    assert.equal(await users.verify({ user: 'bob', password: '' }), true);
    assert.equal(await users.verify({ user: 'eve', password: 'secret: 1' }), false);
  }
});

test('the hashes that htpasswd -B writes are known', async () => {
  await using files = await open();
  await files.write('u:$2y$05$ERikT2RBxtING8xa/cXhJuDB5PT26o6t7H8MEyCLPaZXiJAMRxkpq');
  const users = await openHtpasswd(files.file);
  assert.equal(await users.verify({ user: 'u', password: 'p' }), true);
});

test('a changed file counts within a second, also for a password that was right before', async () => {
  await using files = await open();
  let now = 0;
  await files.write(await line('ann', 'old'));
  const users = await openHtpasswd(files.file, { clock: () => now });
  assert.equal(await users.verify({ user: 'ann', password: 'old' }), true);
  await files.write(await line('ann', 'new'));
  now += 1000;
  assert.equal(await users.verify({ user: 'ann', password: 'old' }), false);
  assert.equal(await users.verify({ user: 'ann', password: 'new' }), true);
});

test('a file with other hashes, or none at all, is refused with its place', async () => {
  await using files = await open();
  await assert.rejects(openHtpasswd(files.file), fails('errno-enoent'));
  await files.write(await line('ann', 'x'), 'bob:$apr1$abc$def');
  await assert.rejects(openHtpasswd(files.file), (error: Error) => {
    assert.match(error.message, /htpasswd:2: /);
    return fails('htpasswd-invalid')(error);
  });
});

test('guesses beyond what can wait are turned away', async () => {
  await using files = await open();
  await files.write(await line('ann', 'x'));
  const users = await openHtpasswd(files.file);
  const guesses = Array.from({ length: 100 }, (_, n) => users.verify({ user: 'ann', password: String(n) }));
  const ends = await Promise.allSettled(guesses);
  const turned = ends.filter((end) => end.status === 'rejected');
  assert.equal(turned.length, 36);
  for (const { reason } of turned) assert.ok(fails('registry-rate-limited')(reason));
});
