import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  digestOf,
  encodeImageConfig,
  imageIdOf,
  maxImageConfigBytes,
  parseImageConfig,
  parseImageId,
} from './index.ts';

const encode = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));

const diffId = digestOf(encode('layer'));
const rootfs = { type: 'layers', diff_ids: [diffId] };
const least = { architecture: '', os: '', config: {}, diffIds: [diffId], history: [] };

test('a config as Docker writes it is read', () => {
  const config = parseImageConfig(
    encode({
      architecture: 'arm',
      author: 'me',
      comment: 'c',
      config: {
        Hostname: '',
        Env: ['A=b'],
        Cmd: ['sh'],
        Entrypoint: null,
        Labels: { a: 'b' },
        ExposedPorts: { '80/tcp': {} },
        Healthcheck: { Test: ['CMD', 'true'], Interval: 30_000_000_000, Retries: 3, StartPeriod: null },
        ArgsEscaped: true,
      },
      container: 'abc',
      container_config: {},
      created: '2024-05-01T10:20:30.123456789Z',
      docker_version: '28.2.2',
      history: [
        { created: '2024-05-01T10:20:30+02:00', created_by: 'ADD x', author: 'a', comment: 'b' },
        { created_by: 'CMD ["sh"]', empty_layer: true },
        {},
      ],
      os: 'linux',
      'os.version': '1',
      'os.features': ['f'],
      rootfs,
      variant: 'v7',
    }),
  );
  assert.deepEqual(config, {
    architecture: 'arm',
    os: 'linux',
    variant: 'v7',
    osVersion: '1',
    osFeatures: ['f'],
    created: '2024-05-01T10:20:30.123456789Z',
    author: 'me',
    dockerVersion: '28.2.2',
    comment: 'c',
    config: {
      Hostname: '',
      Env: ['A=b'],
      Cmd: ['sh'],
      Labels: { a: 'b' },
      ExposedPorts: { '80/tcp': {} },
      Healthcheck: { Test: ['CMD', 'true'], Interval: 30_000_000_000, Retries: 3 },
      ArgsEscaped: true,
    },
    diffIds: [diffId],
    history: [
      { created: '2024-05-01T10:20:30+02:00', createdBy: 'ADD x', author: 'a', comment: 'b' },
      { createdBy: 'CMD ["sh"]', emptyLayer: true },
      {},
    ],
  });
});

test('absent and null fields are the same', () => {
  assert.deepEqual(parseImageConfig(encode({ rootfs })), least);
  const nulls = {
    architecture: null,
    os: null,
    config: null,
    created: null,
    history: null,
    author: null,
    variant: null,
  };
  assert.deepEqual(parseImageConfig(encode({ ...nulls, rootfs })), least);
  assert.deepEqual(parseImageConfig(encode({ rootfs: { diff_ids: null } })), { ...least, diffIds: [] });
});

test('a command that is one string is a list of one', () => {
  const { config } = parseImageConfig(encode({ rootfs, config: { Cmd: 'sh', Entrypoint: 'x' } }));
  assert.deepEqual(config, { Cmd: ['sh'], Entrypoint: ['x'] });
});

test('a key called __proto__ is a label like any other', () => {
  const { config } = parseImageConfig(
    encode(`{"rootfs":{},"config":{"Labels":{"__proto__":"x"},"__proto__":{"User":"root"}}}`),
  );
  assert.equal(config.User, undefined);
  assert.deepEqual(Object.keys(config.Labels!), ['__proto__']);
});

const refused: readonly [name: string, document: unknown, message: RegExp][] = [
  ['not JSON', 'x', /^invalid image config: it is not JSON/],
  ['the config of an artifact', {}, /rootfs: it must be an object/],
  ['another root file system', { rootfs: { type: 'layers+base' } }, /rootfs\.type: it must be "layers"/],
  ['another digest', { rootfs: { diff_ids: ['x'] } }, /rootfs\.diff_ids\[0\]: it must be a sha256/],
  ['a number as system', { rootfs, os: 1 }, /os: it must be a string/],
  ['a date in words', { rootfs, created: 'yesterday' }, /created: it must be a time/],
  ['a month too many', { rootfs, created: '2024-13-01T00:00:00Z' }, /created: it must be a time/],
  ['an empty date', { rootfs, created: '' }, /created: it must be a time/],
  ['history in one piece', { rootfs, history: {} }, /history: it must be an array/],
  [
    'a bad date in history',
    { rootfs, history: [{ created: 'x' }] },
    /history\[0\]\.created: it must be a time/,
  ],
  ['a layer that is a little empty', { rootfs, history: [{ empty_layer: 1 }] }, /must be true or false/],
  ['a config that is a list', { rootfs, config: [] }, /config: it must be an object/],
  [
    'an environment that is a map',
    { rootfs, config: { Env: { A: 'b' } } },
    /config\.Env: it must be an array/,
  ],
  [
    'an argument that is a number',
    { rootfs, config: { Cmd: ['a', 1] } },
    /config\.Cmd\[1\]: it must be a string/,
  ],
  ['a label that is a number', { rootfs, config: { Labels: { a: 1 } } }, /config\.Labels: its values/],
  ['a port list', { rootfs, config: { ExposedPorts: ['80'] } }, /config\.ExposedPorts: it must be an object/],
  [
    'a duration in words',
    { rootfs, config: { Healthcheck: { Interval: '1s' } } },
    /Interval: it must be a number/,
  ],
  ['a long string', `"${'x'.repeat(maxImageConfigBytes)}"`, /bytes/],
];

test('a document that is no sound config is refused and the place is named', () => {
  for (const [name, document, message] of refused) {
    const error = { kind: 'corrupt', code: 'config-invalid', message };
    assert.throws(() => parseImageConfig(encode(document)), error, name);
  }
});

test('what we make has the order of fields that Docker has, whatever the order it was given in', () => {
  const config = {
    ...least,
    os: 'linux',
    architecture: 'amd64',
    author: 'me',
    created: '2024-01-01T00:00:00Z',
  };
  const bytes = encodeImageConfig({ ...config, config: { WorkingDir: '/', Labels: { b: '', a: '' } } });
  assert.equal(
    new TextDecoder().decode(bytes),
    '{"architecture":"amd64","author":"me","config":{"Labels":{"a":"","b":""},"WorkingDir":"/"},' +
      `"created":"2024-01-01T00:00:00Z","history":[],"os":"linux","rootfs":{"type":"layers","diff_ids":["${diffId}"]}}`,
  );
  assert.deepEqual(
    encodeImageConfig({ ...config, config: { Labels: { a: '', b: '' }, WorkingDir: '/' } }),
    bytes,
  );
});

test('the image ID is the sha256 of the config', () => {
  const bytes = encode({ rootfs });
  const id = imageIdOf(bytes);
  assert.equal(id, digestOf(bytes));
  assert.equal(parseImageId(id), id);
  assert.throws(() => parseImageId('busybox'), { code: 'digest-invalid' });
});
