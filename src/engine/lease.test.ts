import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '#oci';
import { openTestEngine, type TestEngine } from '../../test/support/test-engine.ts';
import { openLease, withLease } from './lease.ts';

async function putBlob({ engine }: TestEngine, text: string): Promise<Digest> {
  await using upload = await engine.content.upload(`put-${text}`);
  await upload.write(Buffer.from(text));
  return (await upload.commit()).digest;
}

/** Whether something keeps the blob; it is not removed by asking. */
async function isHeld({ engine }: TestEngine, digest: Digest, now = engine.clock()): Promise<boolean> {
  return (await engine.metadata.sweep([digest], now, async () => undefined)).length === 0;
}

const fails = async (work: Promise<unknown>) => assert.rejects(work, { message: 'it failed' });

test('what is held stays until the work is done, and no longer', async () => {
  await using made = await openTestEngine();
  const blob = await putBlob(made, 'a');
  await withLease(made.engine, async (hold) => {
    await hold([blob]);
    assert.ok(await isHeld(made, blob));
  });
  assert.ok(!(await isHeld(made, blob)));
});

test('work that fails leaves nothing of what it held, but for what something else needs', async () => {
  await using made = await openTestEngine();
  const [alone, shared] = [await putBlob(made, 'a'), await putBlob(made, 'b')];
  await using other = await openLease(made.engine);
  await other.hold([shared]);
  await fails(
    withLease(made.engine, async (hold) => {
      await hold([alone, shared]);
      throw new Error('it failed');
    }),
  );
  assert.equal(await made.engine.content.stat(alone), undefined);
  assert.notEqual(await made.engine.content.stat(shared), undefined);
});

test('unfinished work keeps what it held for a day, from its last failure on', async () => {
  let now = Date.UTC(2026, 0, 1);
  await using made = await openTestEngine({ clock: () => now });
  const hour = 60 * 60 * 1000;
  const blobs = [await putBlob(made, 'a'), await putBlob(made, 'b')];
  for (const blob of blobs) {
    await fails(
      withLease(
        made.engine,
        async (hold) => {
          await hold([blob]);
          throw new Error('it failed');
        },
        { unfinished: 'the-work' },
      ),
    );
    now += 20 * hour;
  }
  for (const blob of blobs) assert.ok(await isHeld(made, blob));
  now += 5 * hour;
  for (const blob of blobs) assert.ok(!(await isHeld(made, blob)));
});

test('the try that succeeds ends what earlier ones kept, also while another one runs', async () => {
  await using made = await openTestEngine();
  const blob = await putBlob(made, 'a');
  const options = { unfinished: 'the-work' };
  await withLease(
    made.engine,
    async (hold) => {
      await hold([blob]);
      await fails(withLease(made.engine, async () => Promise.reject(new Error('it failed')), options));
      await withLease(made.engine, async (holdToo) => holdToo([blob]), options);
      assert.ok(await isHeld(made, blob), 'the running one holds it still');
    },
    options,
  );
  assert.ok(!(await isHeld(made, blob)));
});

test('why the work failed comes out, even when tidying fails too', async () => {
  await using made = await openTestEngine();
  const metadata = { ...made.engine.metadata, releaseLease: () => Promise.reject(new Error('also broken')) };
  await fails(withLease({ ...made.engine, metadata }, () => Promise.reject(new Error('it failed'))));
});
