import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acceptManifests,
  isForeignLayerType,
  isIndexType,
  isLayerType,
  isManifestType,
  mediaTypes,
} from './index.ts';

test('each type is of one sort', () => {
  const sorts = { index: isIndexType, manifest: isManifestType, layer: isLayerType };
  const sortOf = (type: string): string[] =>
    Object.entries(sorts).flatMap(([sort, is]) => (is(type) ? [sort] : []));
  for (const [name, type] of Object.entries(mediaTypes)) {
    const expected = /Layer/.test(name)
      ? ['layer']
      : /Index|List/.test(name)
        ? ['index']
        : /Manifest/.test(name)
          ? ['manifest']
          : [];
    assert.deepEqual(sortOf(type), expected, name);
    assert.equal(isForeignLayerType(type), name.includes('Foreign'), name);
  }
  assert.deepEqual(sortOf('application/json'), []);
});

test('indexes are asked for before manifests, and nothing else', () => {
  assert.deepEqual(acceptManifests.map(isIndexType), [true, true, false, false]);
  assert.deepEqual(acceptManifests.map(isManifestType), [false, false, true, true]);
});
