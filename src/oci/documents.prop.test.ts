import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { attempt } from '../../test/support/attempt.ts';
import {
  digestOf,
  encodeImageConfig,
  encodeManifest,
  mediaTypes,
  parseDescriptor,
  parseImageConfig,
  parseManifest,
  type Descriptor,
  type HistoryEntry,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  type Platform,
} from './index.ts';

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const digests = fc
  .tuple(fc.uint8Array({ maxLength: 8 }), fc.constantFrom('sha256' as const, 'sha512' as const))
  .map(([bytes, algorithm]) => digestOf(bytes, algorithm));

// Strings of whole code points: a lone surrogate has no UTF-8.
const texts = fc.string({ unit: 'grapheme', maxLength: 10 });
const word = fc.stringMatching(/^[a-z0-9]{1,6}$/);

const platforms: fc.Arbitrary<Platform> = fc.record(
  {
    os: fc.constantFrom('linux', 'windows', 'darwin', 'unknown'),
    architecture: fc.constantFrom('amd64', 'arm', 'arm64', '386', 'x86_64', 'armhf', 'riscv64'),
    variant: fc.constantFrom('v1', 'v5', 'v6', 'v7', 'v8', '8', 'v8.3', 'v9', 'v9.1', 'x'),
    osVersion: word,
    osFeatures: fc.array(word, { maxLength: 3 }),
  },
  { noNullPrototype: true, requiredKeys: ['os', 'architecture'] },
);

const dictionaries = fc.dictionary(texts, texts, { maxKeys: 3, noNullPrototype: true });
const descriptors: fc.Arbitrary<Descriptor> = fc.record(
  {
    mediaType: fc.constantFrom(mediaTypes.ociLayer, mediaTypes.ociManifest, 'a/b'),
    digest: digests,
    size: fc.maxSafeNat(),
    annotations: dictionaries,
    platform: platforms,
    artifactType: texts,
    urls: fc.array(texts, { maxLength: 2 }),
    data: texts,
  },
  { noNullPrototype: true, requiredKeys: ['mediaType', 'digest', 'size'] },
);
const common = { subject: descriptors, annotations: dictionaries, artifactType: texts };
const manifests: fc.Arbitrary<ImageManifest> = fc.record(
  {
    kind: fc.constant('manifest' as const),
    mediaType: fc.constantFrom(mediaTypes.ociManifest, mediaTypes.dockerManifest),
    config: descriptors,
    layers: fc.array(descriptors, { maxLength: 3 }),
    ...common,
  },
  { noNullPrototype: true, requiredKeys: ['kind', 'mediaType', 'config', 'layers'] },
);
const indexes: fc.Arbitrary<ImageIndex> = fc.record(
  {
    kind: fc.constant('index' as const),
    mediaType: fc.constantFrom(mediaTypes.ociIndex, mediaTypes.dockerManifestList),
    manifests: fc.array(descriptors, { maxLength: 3 }),
    ...common,
  },
  { noNullPrototype: true, requiredKeys: ['kind', 'mediaType', 'manifests'] },
);

test('a manifest that we make reads back', () => {
  fc.assert(
    fc.property(fc.oneof(manifests, indexes), (manifest) => {
      assert.deepEqual(parseManifest(encodeManifest(manifest), manifest.mediaType), manifest);
    }),
  );
});

const times = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
  .map((at) => at.toISOString());
const lists = fc.array(texts, { maxLength: 3 });
const history: fc.Arbitrary<HistoryEntry> = fc.record(
  { created: times, createdBy: texts, author: texts, comment: texts, emptyLayer: fc.boolean() },
  { noNullPrototype: true, requiredKeys: [] },
);
const configs: fc.Arbitrary<ImageConfig> = fc.record(
  {
    architecture: texts,
    os: texts,
    variant: texts,
    osVersion: texts,
    osFeatures: lists,
    created: times,
    author: texts,
    dockerVersion: texts,
    comment: texts,
    config: fc.record(
      {
        User: texts,
        Env: lists,
        Cmd: lists,
        Labels: dictionaries,
        StopTimeout: fc.nat(),
        Extra: fc.array(fc.jsonValue()),
      },
      { noNullPrototype: true, requiredKeys: ['User'] },
    ),
    diffIds: fc.array(digests, { maxLength: 3 }),
    history: fc.array(history, { maxLength: 3 }),
  },
  { noNullPrototype: true, requiredKeys: ['architecture', 'os', 'config', 'diffIds', 'history'] },
);

test('a config that we make reads back', () => {
  fc.assert(
    fc.property(configs, (config) => {
      const bytes = encodeImageConfig(config);
      const parsed = parseImageConfig(bytes);
      assert.deepEqual(encodeImageConfig(parsed), bytes);
      // Through JSON: it has no negative zero.
      assert.deepEqual(parsed, JSON.parse(JSON.stringify(config)));
    }),
  );
});

const keys = (
  'schemaVersion mediaType config layers manifests subject annotations digest size platform os ' +
  'rootfs diff_ids history created Env Labels Healthcheck __proto__'
).split(' ');

/** JSON that looks like ours in places: our keys over any values. */
const hostile = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, 1, 2, -1, 1e300, '', true, 'layers', digestOf(new Uint8Array())),
    fc.constantFrom<unknown>(...Object.values(mediaTypes)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...keys), tie('value'), { maxKeys: 6, noNullPrototype: true }),
  ),
})).value;

test('hostile JSON is refused with an error of ours, whatever it is', () => {
  fc.assert(
    fc.property(hostile, hostile, (one, two) => {
      const document = { schemaVersion: 2, ...(typeof one === 'object' ? one : {}), rootfs: two };
      for (const bytes of [encode(one), encode(document)]) {
        attempt(() => parseManifest(bytes, typeof two === 'string' ? two : undefined));
        attempt(() => parseImageConfig(bytes));
      }
      attempt(() => parseDescriptor(one, 'x'));
    }),
    { numRuns: 1000 },
  );
});

test('a sound manifest with one byte changed is read or refused, never worse', () => {
  fc.assert(
    fc.property(fc.oneof(manifests, indexes), fc.nat(), fc.nat(255), (manifest, at, byte) => {
      const bytes = encodeManifest(manifest);
      bytes[at % bytes.length] = byte;
      attempt(() => parseManifest(bytes));
    }),
    { numRuns: 500 },
  );
});

test('bytes that are not JSON are refused with an error of ours', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
      attempt(() => parseManifest(bytes));
      attempt(() => parseImageConfig(bytes));
    }),
  );
});
