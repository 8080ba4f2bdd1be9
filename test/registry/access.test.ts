import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { hash } from 'bcryptjs';
import { openHtpasswd } from '#registry-server';
import { temporaryDirectory } from '../support/peers.ts';
import { ask, expectBlob, expectError, expectStatus, pushBlob, pushImage } from './conformance/target.ts';
import { openOurs } from './ours.ts';

const credentials = { user: 'ann', password: 'secret' };

/** Ours with one user. */
async function openGuarded(options: { anonymousPull?: boolean } = {}) {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryDirectory('access'));
  const file = join(path, 'htpasswd');
  await writeFile(file, `ann:${await hash('secret', 4)}\n`);
  const ours = stack.use(await openOurs({ access: { users: await openHtpasswd(file), ...options } }));
  const owned = stack.move();
  return { url: ours.url, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test('without credentials, or with wrong ones, everything but the search’s ping is 401 with a challenge', async () => {
  await using ours = await openGuarded();
  for (const target of [ours, { ...ours, credentials: { user: 'ann', password: 'wrong' } }]) {
    for (const line of ['GET /v2/', 'GET /v2/_catalog', 'POST /v2/a/blobs/uploads/', 'GET /v1/search?q=']) {
      const reply = await ask(target, line);
      expectError(reply, 401, 'UNAUTHORIZED');
      assert.match(reply.headers.get('www-authenticate') ?? '', /^Basic realm=/);
    }
    expectStatus(await ask(target, 'GET /v1/_ping'), 200);
  }
});

test('with credentials everything goes', async () => {
  await using ours = await openGuarded();
  const target = { ...ours, credentials };
  expectStatus(await ask(target, 'GET /v2/'), 200);
  await pushImage(target, 'a');
});

test('where pulling is free, pushing is not, and the root asks for credentials all the same', async () => {
  await using ours = await openGuarded({ anonymousPull: true });
  await pushBlob({ ...ours, credentials }, 'a', Buffer.from('x'));
  await expectBlob(ours, 'a', Buffer.from('x'));
  // Tools without credentials send empty ones.
  await expectBlob({ ...ours, credentials: { user: '', password: '' } }, 'a', Buffer.from('x'));
  expectError(await ask(ours, 'GET /v2/'), 401, 'UNAUTHORIZED');
  expectError(await ask(ours, 'POST /v2/a/blobs/uploads/'), 401, 'UNAUTHORIZED');
  const wrong = { ...ours, credentials: { user: 'ann', password: 'wrong' } };
  await expectBlob(wrong, 'a', Buffer.from('x'));
  expectError(await ask(wrong, 'GET /v2/'), 401, 'UNAUTHORIZED');
  expectError(await ask(wrong, 'POST /v2/a/blobs/uploads/'), 401, 'UNAUTHORIZED');
});

test('a read-only registry gives and does not take', async () => {
  await using ours = await openOurs({ readOnly: true });
  await ours.registry.putBlob('a', {
    digest: 'sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' as never,
    size: 1,
    async *open() {
      yield Buffer.from('x');
    },
  });
  await expectBlob(ours, 'a', Buffer.from('x'));
  expectError(await ask(ours, 'POST /v2/a/blobs/uploads/'), 405, 'UNSUPPORTED');
  expectError(await ask(ours, 'DELETE /v2/a/manifests/v1'), 405, 'UNSUPPORTED');
});
