import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalString, digestHex, parseReference } from '#oci';
import { digestFor, idFor, putRecord } from '../../test/support/image-records.ts';
import { openTestEngine } from '../../test/support/test-engine.ts';
import { resolveImage, tagImage, type Engine } from './index.ts';

const id = idFor('a');
const hex = digestHex(id);

async function found(engine: Engine, text: string): Promise<string | undefined> {
  const { image, name } = await resolveImage(engine, text);
  assert.equal(image.id, id);
  return name?.name;
}

test('an image is found by its names, familiar or whole', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { names: ['a', 'a:1', `a@${digestFor('x')}`] });
  const latest = 'docker.io/library/a:latest';
  for (const text of ['a', 'a:latest', 'library/a', latest, 'index.docker.io/a']) {
    assert.equal(await found(made.engine, text), latest);
  }
  const byDigest = `docker.io/library/a@${digestFor('x')}`;
  assert.equal(await found(made.engine, `a@${digestFor('x')}`), byDigest);
  assert.equal(
    await found(made.engine, `a:none@${digestFor('x')}`),
    byDigest,
    'the digest wins over the tag',
  );
});

test('an image is found by its id, by a beginning of it, and by its manifest', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { names: ['a'] });
  for (const text of [id, hex, hex.slice(0, 12), `sha256:${hex.slice(0, 5)}`, digestFor('manifest of a')]) {
    assert.equal(await found(made.engine, text), undefined);
  }
});

test('a name wins over the beginning of an id', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a');
  const other = await putRecord(made.engine, 'b', { names: [hex.slice(0, 4)] });
  assert.equal((await resolveImage(made.engine, hex.slice(0, 4))).image.id, other.id);
});

test('a beginning that two ids have leads nowhere', async () => {
  await using made = await openTestEngine();
  // One of 17 shares its first digit with another.
  const words = Array.from({ length: 17 }, (_, n) => `image ${n}`);
  const firsts = words.map((word) => digestHex(idFor(word)).slice(0, 1));
  const twice = firsts.find((first, n) => firsts.indexOf(first) !== n)!;
  for (const word of words) await putRecord(made.engine, word);
  await assert.rejects(resolveImage(made.engine, twice), { message: `No such image: ${twice}:latest` });
});

for (const [text, message] of [
  ['nope', 'No such image: nope:latest'],
  ['nope:1', 'No such image: nope:1'],
  ['docker.io/library/nope', 'No such image: nope:latest'],
  [digestFor('nope'), `No such image: ${digestFor('nope')}`],
  [digestHex(digestFor('nope')), `No such image: ${digestFor('nope')}`],
] as const) {
  test(`${text} is not found, in docker's words`, async () => {
    await using made = await openTestEngine();
    await assert.rejects(resolveImage(made.engine, text), {
      kind: 'not-found',
      code: 'image-not-found',
      message,
    });
  });
}

test('an image gets a name, which moves from the image that had it', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { names: ['a'] });
  await putRecord(made.engine, 'b', { names: ['b'] });
  await tagImage(made.engine, 'a', parseReference('b'));
  assert.equal(await found(made.engine, 'b'), 'docker.io/library/b:latest');
  const [event] = made.engine.events.recent();
  assert.deepEqual([event?.action, event?.id, event?.attributes['name']], ['tag', id, 'b:latest']);
});

test('a new name stands for what the old one stands for at its registry', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { names: ['a'] });
  const name = { name: canonicalString(parseReference('a:latest')), image: id, target: digestFor('index') };
  await made.engine.metadata.commit([{ put: 'name', name, at: 0 }]);
  await tagImage(made.engine, 'a', parseReference('c:1'));
  await tagImage(made.engine, hex, parseReference('c:2'));
  assert.equal((await made.engine.metadata.name('docker.io/library/c:1'))?.target, digestFor('index'));
  assert.equal(
    (await made.engine.metadata.name('docker.io/library/c:2'))?.target,
    digestFor('manifest of a'),
  );
});

test('names that no image may have are refused', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { names: ['a'] });
  for (const [name, code] of [
    [`b@${digestFor('x')}`, 'reference-digest'],
    ['sha256:b', 'reference-ambiguous'],
  ] as const) {
    await assert.rejects(tagImage(made.engine, 'a', parseReference(name)), {
      kind: 'invalid-argument',
      code,
    });
  }
  await assert.rejects(tagImage(made.engine, 'nope', parseReference('b')), { code: 'image-not-found' });
});
