import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { tarOf } from '../../test/support/compose-image.ts';
import {
  blob,
  blobs,
  dockerArchive,
  index,
  list,
  load,
  plainImage,
  type Files,
} from '../../test/support/image-archives.ts';
import { openTestEngine } from '../../test/support/test-engine.ts';
import { listImages } from './index.ts';

const evil = Buffer.from('evil');
const hostile: readonly (readonly [
  name: string,
  archive: Files | Uint8Array,
  code: string,
  message?: RegExp,
])[] = [
  ['that is empty', tarOf({}), 'archive-empty'],
  ['of no bytes', new Uint8Array(), 'archive-empty'],
  ['without a list', { a: 'b' }, 'archive-empty'],
  ['that is no tar', Buffer.from('this is no archive, '.repeat(100)), 'tar-header'],
  ['that is cut off', tarOf(dockerArchive(plainImage)).subarray(0, 2000), 'tar-truncated'],
  [
    'whose gzip is cut off',
    gzipSync(tarOf(dockerArchive(plainImage))).subarray(0, 300),
    'archive-compression',
  ],
  ['whose list is no JSON', { 'manifest.json': '[{' }, 'archive-manifest', /no JSON/],
  [
    'whose list is null',
    { 'manifest.json': 'null' },
    'archive-manifest',
    /^invalid manifest, manifest cannot be null \(but can be \[\]\)$/,
  ],
  ['whose list is an object', { 'manifest.json': '{}' }, 'archive-manifest'],
  ['whose list has nothing', { 'manifest.json': '[null]' }, 'archive-manifest', /no Config/],
  ['whose list has no config', { 'manifest.json': '[{"Layers":[]}]' }, 'archive-manifest', /no Config/],
  [
    'whose layers are no names',
    { 'manifest.json': '[{"Config":"a","Layers":[1]}]' },
    'archive-manifest',
    /Layers/,
  ],
  [
    'with a missing config',
    { 'manifest.json': '[{"Config":"a"}]' },
    'archive-file',
    /names a, which is not in it/,
  ],
  [
    'with a missing layer',
    {
      ...blobs(plainImage),
      'manifest.json': JSON.stringify([list(plainImage, [], ['../../etc/passwd', 'x'])]),
    },
    'archive-file',
  ],
  [
    'with a link out of it',
    {
      ...blobs(plainImage),
      out: { link: '../../../etc/passwd' },
      'manifest.json': JSON.stringify([list(plainImage, [], ['out', 'out'])]),
    },
    'archive-file',
  ],
  [
    'with links in a ring',
    {
      ...blobs(plainImage),
      a: { link: 'b' },
      b: { link: 'a' },
      'manifest.json': JSON.stringify([list(plainImage, [], ['a', 'b'])]),
    },
    'archive-file',
  ],
  ['with a wrong blob', { [blob(plainImage.config)]: evil }, 'blob-digest'],
  [
    'with a bad tag',
    { ...blobs(plainImage), 'manifest.json': JSON.stringify([list(plainImage, ['BAD'])]) },
    'archive-manifest',
    /^invalid tag "BAD" in manifest.json: invalid reference format/,
  ],
  [
    'with a digest as a tag',
    {
      ...blobs(plainImage),
      'manifest.json': JSON.stringify([list(plainImage, [`b@${plainImage.imageId}`])]),
    },
    'archive-manifest',
    /^invalid tag/,
  ],
  [
    'with an ambiguous tag',
    { ...blobs(plainImage), 'manifest.json': JSON.stringify([list(plainImage, ['sha256:abc'])]) },
    'archive-manifest',
    /ambiguous/,
  ],
  [
    'with a bad name in its index',
    {
      ...blobs(plainImage),
      'index.json': index([
        { ...plainImage.descriptors.manifest, annotations: { 'io.containerd.image.name': 'BAD' } },
      ]),
    },
    'archive-manifest',
    /invalid image name "BAD"/,
  ],
  ['whose index is no JSON', { 'index.json': '[' }, 'manifest-invalid'],
  ['whose index is a manifest', { 'index.json': plainImage.manifest }, 'manifest-invalid'],
  [
    'whose config is none',
    { ...blobs(plainImage), x: '{}', 'manifest.json': '[{"Config":"x"}]' },
    'config-invalid',
  ],
  [
    'with too few layers',
    {
      ...blobs(plainImage),
      'manifest.json': JSON.stringify([list(plainImage, [], plainImage.layers.slice(1).map(blob))]),
    },
    'layers-mismatch',
    /^invalid manifest, layers length mismatch: expected 1, got 2$/,
  ],
  [
    'with layers in another order',
    {
      ...blobs(plainImage),
      'manifest.json': JSON.stringify([list(plainImage, [], plainImage.layers.toReversed().map(blob))]),
    },
    'layer-diff-id',
  ],
];

for (const [name, archive, code, message] of hostile) {
  test(`an archive ${name} is refused, and nothing of it stays`, async () => {
    await using made = await openTestEngine();
    await assert.rejects(load(made, archive), { code, ...(message && { message }) });
    assert.deepEqual(await listImages(made.engine, { all: true }), []);
    assert.deepEqual(await Array.fromAsync(made.engine.content.list()), []);
    assert.deepEqual(await Array.fromAsync(made.engine.content.listIngests()), []);
  });
}
