import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainIds, shortId } from '#oci';
import { digestFor, idFor, putRecord } from '../../test/support/image-records.ts';
import { openTestEngine } from '../../test/support/test-engine.ts';
import { listImages, removeImage, type Engine, type Removal } from './index.ts';

const d1 = digestFor('one');
const d2 = digestFor('two');

/** An image's deletion as docker prints it: the image, then its layers, the top one first. */
function deleted(word: string, layers: readonly string[] = [word], gone = layers.length): Removal[] {
  const chain = chainIds(layers.map((layer) => digestFor(`tar of ${layer}`)));
  return [idFor(word), ...chain.toReversed().slice(0, gone)].map((digest) => ({ deleted: digest }));
}

function untagged(...names: string[]): Removal[] {
  return names.map((name) => ({ untagged: name }));
}

const hex = idFor('a').slice('sha256:'.length);

// moby daemon/images/image_delete.go: what goes by a name, by an id, and what stays.
const rules: readonly (readonly [
  rule: string,
  names: readonly string[],
  remove: string,
  options: { force?: boolean },
  removals: readonly Removal[],
])[] = [
  ['the only tag takes the image along', ['a:1'], 'a:1', {}, [...untagged('a:1'), ...deleted('a')]],
  ['a name without a tag means latest', ['a:latest'], 'a', {}, [...untagged('a:latest'), ...deleted('a')]],
  ['one of two tags leaves the image', ['a:1', 'a:2'], 'a:1', {}, untagged('a:1')],
  [
    'one of two tags leaves the image, also by force',
    ['a:1', 'a:2'],
    'a:1',
    { force: true },
    untagged('a:1'),
  ],
  [
    'the last tag takes the digests of its repository along',
    ['a:1', `a@${d1}`, `a@${d2}`],
    'a:1',
    {},
    [...untagged('a:1', ...[d1, d2].sort().map((d) => `a@${d}`)), ...deleted('a')],
  ],
  ['not the last tag leaves the digests', ['a:1', 'a:2', `a@${d1}`], 'a:1', {}, untagged('a:1')],
  ['digests of another repository keep the image', ['a:1', `b@${d1}`], 'a:1', {}, untagged('a:1')],
  ['a digest goes alone', ['a:1', `a@${d1}`], `a@${d1}`, {}, untagged(`a@${d1}`)],
  [
    'the last digest takes the image along',
    [`a@${d1}`],
    `a@${d1}`,
    {},
    [...untagged(`a@${d1}`), ...deleted('a')],
  ],
  ['an id takes the one tag', ['a:1'], hex, {}, [...untagged('a:1'), ...deleted('a')]],
  [
    'an id takes a tag and the digests beside it',
    ['a:1', `a@${d1}`],
    hex,
    {},
    [...untagged('a:1', `a@${d1}`), ...deleted('a')],
  ],
  ['the beginning of an id is an id', ['a:1'], hex.slice(0, 12), {}, [...untagged('a:1'), ...deleted('a')]],
  ['an id takes an image without names', [], hex, {}, deleted('a')],
  [
    'an id with force takes all tags',
    ['a:1', 'b:1', 'c/d:2'],
    hex,
    { force: true },
    [...untagged('a:1', 'b:1', 'c/d:2').sort(byCanonical), ...deleted('a')],
  ],
];

/** docker.io/c/d sorts before docker.io/library/a. */
function byCanonical(a: Removal, b: Removal): number {
  const canonical = (removal: Removal) =>
    'untagged' in removal && !removal.untagged.includes('/')
      ? `library/${removal.untagged}`
      : JSON.stringify(removal).slice(13);
  return canonical(a) < canonical(b) ? -1 : 1;
}

for (const [rule, names, remove, options, removals] of rules) {
  test(rule, async () => {
    await using made = await openTestEngine();
    await putRecord(made.engine, 'a', { names });
    assert.deepEqual(await removeImage(made.engine, remove, options), removals);
    const left = await made.engine.metadata.images();
    assert.equal(left.length, removals.some((removal) => 'deleted' in removal) ? 0 : 1);
  });
}

test('an id with two tags needs force, and nothing is gone without', async () => {
  for (const names of [
    ['a:1', 'a:2'],
    ['a:1', 'b:1'],
    ['a:1', `b@${d1}`],
  ]) {
    await using made = await openTestEngine();
    await putRecord(made.engine, 'a', { names });
    await assert.rejects(removeImage(made.engine, hex), {
      kind: 'conflict',
      code: 'image-has-names',
      message: `conflict: unable to delete ${shortId(idFor('a'))} (must be forced) - image is referenced in multiple repositories`,
    });
    assert.equal((await made.engine.metadata.names()).length, 2);
  }
});

async function family(engine: Engine, parentNames: readonly string[] = []): Promise<void> {
  await putRecord(engine, 'grandparent', { layers: ['g'] });
  await putRecord(engine, 'parent', { layers: ['g', 'p'], parent: idFor('grandparent'), names: parentNames });
  await putRecord(engine, 'child', {
    layers: ['g', 'p', 'c'],
    parent: idFor('parent'),
    names: ['child'].map((n) => `${n}:1`),
  });
}

test('an image that another one was made from cannot be removed, not even by force', async () => {
  await using made = await openTestEngine();
  await family(made.engine, ['parent:1']);
  for (const force of [false, true]) {
    await assert.rejects(removeImage(made.engine, idFor('parent'), { force }), {
      kind: 'conflict',
      code: 'image-has-children',
      message: `conflict: unable to delete ${shortId(idFor('parent'))} (cannot be forced) - image has dependent child images`,
    });
  }
  assert.deepEqual(await removeImage(made.engine, 'parent:1'), untagged('parent:1'));
  assert.equal((await made.engine.metadata.images()).length, 3);
});

test('parents without a name go with their last child, each with its layers', async () => {
  await using made = await openTestEngine();
  await family(made.engine);
  assert.deepEqual(await removeImage(made.engine, 'child:1'), [
    ...untagged('child:1'),
    ...deleted('child', ['g', 'p', 'c'], 1),
    ...deleted('parent', ['g', 'p'], 1),
    ...deleted('grandparent', ['g'], 1),
  ]);
});

test('parents stay with noPrune, with a name, and with another child', async () => {
  await using unpruned = await openTestEngine();
  await family(unpruned.engine);
  const own = [...untagged('child:1'), ...deleted('child', ['g', 'p', 'c'], 1)];
  assert.deepEqual(await removeImage(unpruned.engine, 'child:1', { noPrune: true }), own);
  await using named = await openTestEngine();
  await family(named.engine, ['parent:1']);
  assert.deepEqual(await removeImage(named.engine, 'child:1'), own);
  await using siblings = await openTestEngine();
  await family(siblings.engine);
  await putRecord(siblings.engine, 'sibling', { parent: idFor('parent') });
  assert.deepEqual(await removeImage(siblings.engine, 'child:1'), own);
});

test('layers that another image has stay, and are not said to be deleted', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { layers: ['base', 'top'], names: ['a:1'] });
  await putRecord(made.engine, 'b', { layers: ['base', 'other'] });
  assert.deepEqual(await removeImage(made.engine, 'a:1'), [
    ...untagged('a:1'),
    ...deleted('a', ['base', 'top'], 1),
  ]);
});

test('the blobs go with the image, but for those that another image has', async () => {
  await using made = await openTestEngine();
  const { content } = made.engine;
  const put = async (word: string) => {
    await using upload = await content.upload(word);
    await upload.write(Buffer.from(`blob of ${word}`));
    return (await upload.commit()).digest;
  };
  const [base, top] = [await put('base'), await put('top')];
  await putRecord(made.engine, 'a', { layers: ['base', 'top'] });
  await putRecord(made.engine, 'b', { layers: ['base'] });
  await removeImage(made.engine, idFor('a'));
  assert.equal(await content.stat(top), undefined);
  assert.notEqual(await content.stat(base), undefined);
});

test('what is not there cannot be removed', async () => {
  await using made = await openTestEngine();
  await assert.rejects(removeImage(made.engine, 'nope'), {
    kind: 'not-found',
    code: 'image-not-found',
    message: 'No such image: nope:latest',
  });
  await assert.rejects(removeImage(made.engine, 'BAD'), { code: 'reference-invalid' });
});

test('each name and the image have their events', async () => {
  await using made = await openTestEngine();
  await putRecord(made.engine, 'a', { names: ['a:1', `a@${d1}`] });
  await removeImage(made.engine, 'a:1');
  const events = made.engine.events.recent();
  assert.deepEqual(
    events.map(({ action }) => action),
    ['untag', 'untag', 'delete'],
  );
  assert.ok(events.every(({ id, attributes }) => id === idFor('a') && attributes['name'] === id));
  assert.deepEqual(await listImages(made.engine), []);
});
