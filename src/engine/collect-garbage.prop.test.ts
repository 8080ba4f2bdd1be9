import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Digest, digestOf, parseReference } from '#oci';
import { randomImage } from '../../test/support/random-image.ts';
import { openTestEngine, store, type TestEngine } from '../../test/support/test-engine.ts';
import { collectGarbage } from './collect-garbage.ts';
import { listImages, pullImage, removeImage } from './index.ts';

const host = 'r.example';
const images = [0, 1, 2].map((seed) => randomImage({ seed, fileSize: 50 }));
const later = 2 * 60 * 60 * 1000;

async function put({ engine }: TestEngine, text: string): Promise<Digest> {
  const bytes = Buffer.from(text);
  const digest = digestOf(bytes);
  await using ingest = await engine.content.ingest(digest);
  await ingest?.write(bytes);
  await ingest?.commit();
  return digest;
}

async function blobs({ engine }: TestEngine): Promise<Set<Digest>> {
  return new Set((await Array.fromAsync(engine.content.list())).map(({ digest }) => digest));
}

const step = fc.oneof(
  fc.record({ do: fc.constant('pull' as const), which: fc.nat(2) }),
  fc.record({ do: fc.constant('remove' as const), which: fc.nat(2) }),
  fc.record({ do: fc.constant('orphan' as const), which: fc.nat(5) }),
  fc.record({ do: fc.constant('lease' as const), which: fc.nat(5) }),
  fc.record({ do: fc.constant('break off' as const), which: fc.nat(5) }),
  fc.record({ do: fc.constant('upload' as const), which: fc.nat(5) }),
);

test('what is reachable survives, what is not goes, and a dry run says so before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      let now = Date.now();
      await using made = await openTestEngine({ clock: () => now });
      const { content, metadata } = made.engine;
      const orphans = new Set<Digest>();
      const leased = new Set<Digest>();
      for (const { do: action, which } of steps) {
        const image = images[which % 3]!;
        const name = `${host}/b:${which % 3}`;
        const text = `orphan ${which}`;
        if (action === 'pull') {
          await store(made.registry(host), 'b', String(which % 3), image);
          await pullImage(made.engine, parseReference(name));
        } else if (action === 'remove') {
          await removeImage(made.engine, name).catch(() => undefined);
        } else if (action === 'orphan') {
          orphans.add(await put(made, text));
        } else if (action === 'lease') {
          const digest = await put(made, text);
          await metadata.createLease(`l${which}`, now + 10 * later).catch(() => undefined);
          await metadata.hold(`l${which}`, [digest]);
          leased.add(digest);
        } else if (action === 'break off') {
          await using ingest = await content.ingest(digestOf(Buffer.from(`unfinished ${which}`)));
          await ingest?.write(Buffer.from('unf'));
        } else {
          await using upload = await content.upload(`upload-${which}`);
          await upload.write(Buffer.from('x'));
        }
      }
      const before = await blobs(made);
      assert.deepEqual(await collectGarbage(made.engine), [], 'all is too new');
      now += later;
      const needed = new Set(
        (await listImages(made.engine, { all: true })).flatMap(({ record }) => record.content),
      );
      const told = await collectGarbage(made.engine, { dryRun: true });
      assert.deepEqual(await blobs(made), before, 'a dry run changes nothing');
      assert.deepEqual(await collectGarbage(made.engine), told);
      assert.deepEqual(await blobs(made), before.intersection(needed.union(leased)));
      assert.ok(orphans.difference(leased).isDisjointFrom(await blobs(made)));
      assert.deepEqual(
        await Array.fromAsync(content.writtenBefore(Infinity)).then((all) =>
          all.filter(({ kind }) => kind !== 'blob'),
        ),
        [],
      );
      assert.deepEqual(await collectGarbage(made.engine), []);
    }),
    { numRuns: 12 },
  );
});

test('an upload that someone writes, and a session of the registry, stay', async () => {
  let now = Date.now();
  await using made = await openTestEngine({ clock: () => now });
  await made.engine.metadata.repositories.uploads.start({ id: 'session', repository: 'a', started: now });
  {
    await using session = await made.engine.content.upload('session');
    await session.write(Buffer.from('x'));
  }
  await using held = await made.engine.content.upload('held');
  await held.write(Buffer.from('x'));
  now += later;
  assert.deepEqual(await collectGarbage(made.engine), []);
});
