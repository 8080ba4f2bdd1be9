import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  digestOf,
  encodeManifest,
  maxManifestBytes,
  mediaTypes,
  parseDescriptor,
  parseManifest,
} from './index.ts';

const encode = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

const blob = (mediaType: string): object => ({ mediaType, digest: digestOf(encode('x')), size: 1 });
const image = {
  schemaVersion: 2,
  config: blob(mediaTypes.ociConfig),
  layers: [blob(mediaTypes.ociLayerGzip)],
};
const list = { schemaVersion: 2, manifests: [blob(mediaTypes.ociManifest)] };

test('the media type is the one written, else the declared one, else that of the shape', () => {
  const { ociManifest, dockerManifest, ociIndex, dockerManifestList } = mediaTypes;
  const table: readonly [object, string | undefined, string][] = [
    [{ ...image, mediaType: dockerManifest }, undefined, dockerManifest],
    [{ ...image, mediaType: dockerManifest }, dockerManifest, dockerManifest],
    [{ ...image, mediaType: dockerManifest }, 'application/json', dockerManifest],
    [image, dockerManifest, dockerManifest],
    [image, `${ociManifest.toUpperCase()}; charset=utf-8`, ociManifest],
    [image, 'text/plain', ociManifest],
    [image, undefined, ociManifest],
    [{ ...image, mediaType: '' }, dockerManifest, dockerManifest],
    [{ ...list, mediaType: dockerManifestList }, undefined, dockerManifestList],
    [list, dockerManifestList, dockerManifestList],
    [list, undefined, ociIndex],
  ];
  for (const [document, declared, expected] of table) {
    assert.equal(parseManifest(encode(document), declared).mediaType, expected);
  }
});

test('each field is read, null counts as absent, and unknown ones are left out', () => {
  const platform = {
    os: 'linux',
    architecture: 'arm',
    variant: 'v7',
    'os.version': '1',
    'os.features': ['f'],
  };
  const entry = { ...blob(mediaTypes.ociManifest), platform, urls: ['u'], data: 'eA==', extra: 1 };
  const index = parseManifest(
    encode({
      ...list,
      manifests: [entry],
      annotations: { a: 'b' },
      subject: null,
      artifactType: 'x/y',
      extra: {},
    }),
  );
  assert.deepEqual(index, {
    kind: 'index',
    mediaType: mediaTypes.ociIndex,
    annotations: { a: 'b' },
    artifactType: 'x/y',
    manifests: [
      {
        ...blob(mediaTypes.ociManifest),
        platform: { os: 'linux', architecture: 'arm', variant: 'v7', osVersion: '1', osFeatures: ['f'] },
        urls: ['u'],
        data: 'eA==',
      },
    ],
  });
  const empty = parseManifest(encode({ ...image, layers: null, manifests: null, subject: image.config }));
  assert.deepEqual(empty, {
    kind: 'manifest',
    mediaType: mediaTypes.ociManifest,
    config: image.config,
    layers: [],
    subject: image.config,
  });
});

test('an empty platform is none', () => {
  const index = parseManifest(
    encode({ ...list, manifests: [{ ...blob(mediaTypes.ociManifest), platform: {} }] }),
  );
  assert.deepEqual(index.kind === 'index' && index.manifests, list.manifests);
});

const layer = image.layers[0]!;
const withLayer = (change: object): object => ({ ...image, layers: [layer, { ...layer, ...change }] });

const refused: readonly [name: string, document: unknown, message: RegExp, declared?: string][] = [
  ['not JSON', '{', /^invalid manifest: it is not JSON in UTF-8$/],
  ['nothing', '', /not JSON/],
  ['a byte order mark', `\ufeff${JSON.stringify(image)}`, /not JSON/],
  ['an array', [], /must be an object/],
  ['null', null, /must be an object/],
  ['both shapes', { ...image, ...list }, /belong/],
  [
    'both shapes, typed',
    { ...image, ...list, mediaType: mediaTypes.ociManifest },
    /manifests: it does not belong/,
  ],
  ['an index with a config', { ...list, config: image.config }, /config: it does not belong/],
  ['an empty second shape', { ...image, manifests: [] }, /belong/],
  ['old layers in a new manifest', { ...image, fsLayers: [] }, /fsLayers: it does not belong/],
  ['an index that says manifest', { ...list, mediaType: mediaTypes.ociManifest }, /belong/],
  ['a manifest that says index', { ...image, mediaType: mediaTypes.ociIndex }, /belong/],
  ['an announced index that is a manifest', image, /belong/, mediaTypes.ociIndex],
  [
    'an announced index that says manifest',
    { ...image, mediaType: mediaTypes.ociManifest },
    /announced/,
    mediaTypes.ociIndex,
  ],
  ['no shape', { schemaVersion: 2 }, /config: it must be an object/],
  ['no layers', { schemaVersion: 2, config: image.config }, /layers: it is missing/],
  ['no schema version', { ...image, schemaVersion: undefined }, /schemaVersion: it must be 2/],
  ['a third schema', { ...image, schemaVersion: 3 }, /schemaVersion: it must be 2/],
  ['layers that are no array', { ...image, layers: {} }, /layers: it must be an array/],
  ['a layer that is null', { ...image, layers: [null] }, /layers\[0\]: it must be an object/],
  ['a negative size', withLayer({ size: -1 }), /layers\[1\]\.size: it must be a whole number/],
  ['half a byte', withLayer({ size: 0.5 }), /size/],
  ['a size beyond exact numbers', withLayer({ size: 2 ** 53 }), /size/],
  ['a size in words', withLayer({ size: '1' }), /size/],
  ['no size', withLayer({ size: undefined }), /size/],
  ['no digest', withLayer({ digest: undefined }), /layers\[1\]\.digest: it must be a string/],
  ['another digest', withLayer({ digest: 'md5:0' }), /layers\[1\]\.digest/],
  ['a path as digest', withLayer({ digest: 'sha256:../../etc/passwd' }), /digest/],
  ['an empty type', withLayer({ mediaType: '' }), /mediaType: it must not be empty/],
  [
    'annotations that are no strings',
    { ...image, annotations: { a: 1 } },
    /annotations: its values must be strings/,
  ],
  ['too many layers', { ...image, layers: Array(10_001).fill(layer) }, /layers: it has 10001 elements|bytes/],
  ['too deep', `${'['.repeat(65)}${']'.repeat(65)}`, /nests deeper than 64/],
  ['too deep without an end', '[{"a":'.repeat(10_000), /nests deeper/],
];

test('a document that is no sound manifest is refused and the place is named', () => {
  for (const [name, document, message, declared] of refused) {
    const error = { kind: 'corrupt', code: 'manifest-invalid', message };
    assert.throws(() => parseManifest(encode(document), declared), error, name);
  }
});

test('bytes that are not UTF-8 are refused', () => {
  const bytes = encode({ ...image, annotations: { a: '?' } });
  bytes[bytes.indexOf(0x3f)] = 0xff;
  assert.throws(() => parseManifest(bytes), { code: 'manifest-invalid', message: /UTF-8/ });
});

test('a manifest above 4 MiB is refused, and brackets within strings are not depth', () => {
  const { length } = encode({ ...image, annotations: { a: '' } });
  const ofLength = (total: number): Uint8Array =>
    encode({ ...image, annotations: { a: '['.repeat(total - length) } });
  assert.equal(parseManifest(ofLength(maxManifestBytes)).kind, 'manifest');
  assert.throws(() => parseManifest(ofLength(maxManifestBytes + 1)), {
    code: 'manifest-invalid',
    message: /bytes/,
  });
});

test('schema 1 is recognised by its number and its types', () => {
  const old = { schemaVersion: 1, name: 'x', fsLayers: [] };
  const error = {
    kind: 'unsupported',
    code: 'manifest-schema1',
    message: /^Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed/,
  };
  assert.throws(() => parseManifest(encode(old)), error);
  assert.throws(() => parseManifest(encode(old), 'application/json'), error);
  assert.throws(() => parseManifest(encode({}), mediaTypes.dockerSchema1Signed), error);
  assert.throws(() => parseManifest(encode({ ...image, mediaType: mediaTypes.dockerSchema1 })), error);
});

test('another type of document is not supported', () => {
  const type = 'application/vnd.oci.artifact.manifest.v1+json';
  const error = {
    kind: 'unsupported',
    code: 'media-type-unsupported',
    message: `unsupported media type ${type}`,
  };
  assert.throws(() => parseManifest(encode({ schemaVersion: 2, mediaType: type })), error);
  assert.throws(() => parseManifest(encode(image), type), error);
});

test('what we make begins as Docker begins it, and does not depend on the order of annotations', () => {
  const manifest = parseManifest(encode(image));
  const first = encodeManifest({ ...manifest, annotations: { a: '1', b: '2' } });
  assert.deepEqual(encodeManifest({ ...manifest, annotations: { b: '2', a: '1' } }), first);
  const descriptor = (type: string): string =>
    `{"mediaType":"${type}","digest":"${digestOf(encode('x'))}","size":1}`;
  assert.equal(
    new TextDecoder().decode(first),
    `{"schemaVersion":2,"mediaType":"${mediaTypes.ociManifest}","config":${descriptor(mediaTypes.ociConfig)},` +
      `"layers":[${descriptor(mediaTypes.ociLayerGzip)}],"annotations":{"a":"1","b":"2"}}`,
  );
});

test('a descriptor alone names its place', () => {
  assert.deepEqual(parseDescriptor(layer, 'x'), layer);
  const error = {
    kind: 'corrupt',
    code: 'descriptor-invalid',
    message: 'invalid index.json manifests[0].size: it must be a whole number from 0 to 9007199254740991',
  };
  assert.throws(() => parseDescriptor({ ...layer, size: -1 }, 'index.json manifests[0]'), error);
});
