import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { GantryError } from '#errors';
import type { ProgressMessage } from '#wire';
import { progressLines } from './progress-stream.ts';

async function read(lines: AsyncIterable<string>): Promise<ProgressMessage[]> {
  return (await Array.fromAsync(lines)).map((line) => JSON.parse(line) as ProgressMessage);
}

const failure = new GantryError('not-found', 'test', 'it is not there');

test('messages come while the work is under way', async () => {
  const held = Promise.withResolvers<undefined>();
  const lines = progressLines(async (report) => {
    report({ status: 'begun' });
    await held.promise;
    report({ status: 'done' });
  });
  assert.equal((await lines.next()).value, '{"status":"begun"}\r\n');
  held.resolve(undefined);
  assert.deepEqual(await read(lines), [{ status: 'done' }]);
});

test('counts that nobody has read yet replace each other, and the last of a layer arrives', async () => {
  const messages = await read(
    progressLines(async (report) => {
      for (let current = 1; current <= 100_000; current++) {
        report({ id: 'a', status: 'Downloading', progressDetail: { current, total: 100_000 } });
        report({ id: 'b', status: 'Downloading', progressDetail: { current, total: 100_000 } });
      }
      report({ id: 'a', status: 'Download complete', progressDetail: {} });
    }),
  );
  assert.deepEqual(
    messages.map(({ id, progressDetail }) => [id, progressDetail?.current]),
    [
      ['a', 100_000],
      ['b', 100_000],
      ['a', undefined],
    ],
  );
});

test('counts that follow at once are left out for a client that reads them all', async () => {
  const messages = await read(
    progressLines(async (report) => {
      for (let current = 1; current <= 50; current++) {
        report({ id: 'a', status: 'Downloading', progressDetail: { current, total: 50 } });
        await setImmediate();
      }
    }),
  );
  assert.ok(messages.length < 10, String(messages.length));
  assert.equal(messages.at(-1)?.progressDetail?.current, 50);
});

test('a failure is thrown before the first line, and is the last line after it', async () => {
  await assert.rejects(read(progressLines(() => Promise.reject(failure))), failure);
  const inStream = { errorDetail: { message: 'it is not there' }, error: 'it is not there' };
  const late = progressLines(async (report) => {
    report({ status: 'begun' });
    throw failure;
  });
  assert.deepEqual(await read(late), [{ status: 'begun' }, inStream]);
  const loaded = progressLines(() => Promise.reject(failure), { failInStream: true });
  assert.deepEqual(await read(loaded), [inStream]);
});
