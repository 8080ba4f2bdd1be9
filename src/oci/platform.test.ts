import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatPlatform, nodePlatform, normalisePlatform, parsePlatform } from './index.ts';

const spellings: readonly [text: string, normal: string][] = [
  ['linux/amd64', 'linux/amd64'],
  ['Linux/X86_64', 'linux/amd64'],
  ['linux/x86-64', 'linux/amd64'],
  ['linux/amd64/v1', 'linux/amd64'],
  ['linux/amd64/v3', 'linux/amd64/v3'],
  ['linux/i386', 'linux/386'],
  ['linux/aarch64', 'linux/arm64'],
  ['linux/arm64/v8', 'linux/arm64'],
  ['linux/arm64/8', 'linux/arm64'],
  ['linux/arm64/v9.2', 'linux/arm64/v9.2'],
  ['linux/arm', 'linux/arm/v7'],
  ['linux/arm/6', 'linux/arm/v6'],
  ['linux/armhf', 'linux/arm/v7'],
  ['linux/armel', 'linux/arm/v6'],
  ['macos/arm64', 'darwin/arm64'],
  ['any/thing', 'any/thing'],
  ['arm64', 'linux/arm64'],
  ['armhf', 'linux/arm/v7'],
  ['riscv64', 'linux/riscv64'],
];

test('each spelling of a platform becomes the one', () => {
  for (const [text, normal] of spellings) assert.equal(formatPlatform(parsePlatform(text)), normal, text);
});

test('a version of the system stands in parentheses', () => {
  const expected = { os: 'windows', architecture: 'amd64', osVersion: '10.0.17763' };
  assert.deepEqual(parsePlatform('windows(10.0.17763)/amd64'), expected);
  assert.deepEqual(parsePlatform('linux()/amd64'), { os: 'linux', architecture: 'amd64' });
});

test('what a single word leaves open comes from the host', () => {
  const host = { os: 'darwin', architecture: 'arm', variant: 'v6', osVersion: '24' };
  assert.deepEqual(parsePlatform('linux', host), { os: 'linux', architecture: 'arm', variant: 'v6' });
  assert.deepEqual(parsePlatform('amd64', host), { os: 'darwin', architecture: 'amd64' });
});

const refused: readonly [text: string, message: string][] = [
  ['foo', '"foo": unknown operating system or architecture: invalid argument'],
  ['linux', '"linux": the architecture is missing, as in linux/amd64: invalid argument'],
  ['*', '"*": wildcards not yet supported: invalid argument'],
  ['a/b/c/d', '"a/b/c/d": cannot parse platform specifier: invalid argument'],
  [
    'linux/x y',
    '"x y" is an invalid component of "linux/x y": platform specifier component must match "^[A-Za-z0-9_.-]+$": invalid argument',
  ],
  [
    '',
    '"" is an invalid OS component of "": OSAndVersion specifier component must match "^([A-Za-z0-9_-]+)(?:\\\\(([A-Za-z0-9_.-]*)\\\\))?$": invalid argument',
  ],
];

test('what is no platform is refused in the words that Docker prints', () => {
  for (const [text, message] of refused) {
    const error = { kind: 'invalid-argument', code: 'platform-invalid', message };
    assert.throws(() => parsePlatform(text), error, text);
  }
  for (const text of [
    '/',
    'linux/',
    '/amd64',
    'linux/arm/',
    'linux/amd64\n',
    'li nux/amd64',
    'linux(/amd64',
  ]) {
    assert.throws(() => parsePlatform(text), { code: 'platform-invalid' }, text);
  }
});

test('features are a set, and empty parts are none', () => {
  assert.deepEqual(
    normalisePlatform({
      os: 'linux',
      architecture: 'amd64',
      variant: '',
      osVersion: '',
      osFeatures: ['b', 'a', 'b'],
    }),
    { os: 'linux', architecture: 'amd64', osFeatures: ['a', 'b'] },
  );
  assert.equal(formatPlatform({ os: '', architecture: '' }), 'unknown');
});

test("Node's words for its machine become those of images", () => {
  const words: readonly [string, string, string][] = [
    ['linux', 'x64', 'linux/amd64'],
    ['linux', 'arm64', 'linux/arm64'],
    ['linux', 'arm', 'linux/arm/v7'],
    ['linux', 'ia32', 'linux/386'],
    ['linux', 'ppc64', 'linux/ppc64le'],
    ['aix', 'ppc64', 'aix/ppc64'],
    ['linux', 's390x', 'linux/s390x'],
    ['win32', 'x64', 'windows/amd64'],
    ['darwin', 'arm64', 'darwin/arm64'],
  ];
  for (const [platform, architecture, expected] of words) {
    assert.equal(formatPlatform(nodePlatform(platform, architecture)), expected);
  }
});
