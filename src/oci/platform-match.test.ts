import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  digestOf,
  matchesPlatform,
  mediaTypes,
  parsePlatform,
  selectManifest,
  type Descriptor,
  type ImageIndex,
} from './index.ts';

function entry(name: string, more: Partial<Descriptor> = {}): Descriptor {
  const bytes = new TextEncoder().encode(name);
  return { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length, ...more };
}

/** An entry as written in an index: nothing is normalised. */
function forPlatform(text: string): Descriptor {
  const [os = '', architecture = '', variant] = text.split('/');
  return entry(text, { platform: { os, architecture, ...(variant === undefined ? {} : { variant }) } });
}

function indexOf(...manifests: Descriptor[]): ImageIndex {
  return { kind: 'index', mediaType: mediaTypes.ociIndex, manifests };
}

const matches: readonly [wanted: string, offered: string, expected: boolean][] = [
  ['linux/amd64', 'linux/amd64', true],
  ['linux/amd64', 'linux/amd64/v1', true],
  ['linux/amd64', 'linux/amd64/v2', false],
  ['linux/amd64/v3', 'linux/amd64/v2', true],
  ['linux/amd64/v3', 'linux/amd64', true],
  ['linux/amd64', 'linux/386', true],
  ['linux/386', 'linux/amd64', false],
  ['linux/amd64', 'windows/amd64', false],
  ['linux/arm64', 'linux/arm64/v8', true],
  ['linux/arm64/v8', 'linux/arm64', true],
  ['linux/arm64', 'linux/arm64/v9', false],
  ['linux/arm64/v9', 'linux/arm64/v8.5', true],
  ['linux/arm64/v9', 'linux/arm64/v8.6', false],
  ['linux/arm64/v8.2', 'linux/arm64/v8.1', true],
  ['linux/arm64/v8.2', 'linux/arm64', true],
  ['linux/arm64', 'linux/arm/v7', true],
  ['linux/arm64', 'linux/amd64', false],
  ['linux/arm/v7', 'linux/arm/v6', true],
  ['linux/arm/v7', 'linux/arm/v5', true],
  ['linux/arm/v6', 'linux/arm/v7', false],
  ['linux/arm/v6', 'linux/arm', true],
  ['linux/arm', 'linux/arm64', false],
  ['linux/riscv64', 'linux/riscv64', true],
  ['linux/amd64', 'unknown/unknown', false],
];

test('a processor runs its own programs, those of its ancestors, and no others', () => {
  for (const [wanted, offered, expected] of matches) {
    const { platform } = forPlatform(offered);
    assert.equal(matchesPlatform(parsePlatform(wanted), platform!), expected, `${offered} on ${wanted}`);
  }
});

test('the build counts on Windows, and the version of other systems does not', () => {
  const windows = (osVersion: string): ReturnType<typeof parsePlatform> =>
    parsePlatform(`windows(${osVersion})/amd64`);
  assert.ok(matchesPlatform(windows('10.0.17763'), windows('10.0.17763.1')));
  assert.ok(!matchesPlatform(windows('10.0.17763'), windows('10.0.20348')));
  assert.ok(matchesPlatform(parsePlatform('linux(6)/amd64'), parsePlatform('linux(5)/amd64')));
});

const choices: readonly [wanted: string, offered: string[], chosen: string | undefined][] = [
  ['linux/arm64', ['linux/amd64', 'linux/arm/v7', 'linux/arm64/v8'], 'linux/arm64/v8'],
  ['linux/arm/v7', ['linux/arm/v5', 'linux/arm/v6', 'linux/arm64'], 'linux/arm/v6'],
  ['linux/arm/v6', ['linux/arm', 'linux/arm/v5'], 'linux/arm/v5'],
  ['linux/amd64/v3', ['linux/amd64', 'linux/amd64/v4', 'linux/amd64/v2'], 'linux/amd64/v2'],
  ['linux/amd64', ['linux/386', 'linux/amd64'], 'linux/amd64'],
  ['linux/amd64', ['linux/386', 'linux/arm64'], 'linux/386'],
  ['linux/s390x', ['linux/amd64', 'linux/arm64'], undefined],
  ['linux/amd64', [], undefined],
];

test('the best match of an index is chosen', () => {
  for (const [wanted, offered, chosen] of choices) {
    const selected = selectManifest(indexOf(...offered.map(forPlatform)), parsePlatform(wanted));
    assert.equal(selected?.digest, chosen && entry(chosen).digest, `${wanted} of ${offered.join()}`);
  }
});

test('the first of equals is chosen', () => {
  const [first, second] = ['1', '2'].map((name) => entry(name, { platform: parsePlatform('linux/amd64') }));
  assert.equal(selectManifest(indexOf(first!, second!), parsePlatform('linux/amd64')), first);
});

test('companions of an image are not chosen', () => {
  const platform = parsePlatform('linux/amd64');
  const annotations = { 'vnd.docker.reference.type': 'attestation-manifest' };
  const companions = indexOf(
    forPlatform('unknown/unknown'),
    entry('attestation', { annotations }),
    entry('attestation for a platform', { annotations, platform }),
    entry('signature', { artifactType: 'application/vnd.example.signature' }),
    entry('layer', { mediaType: mediaTypes.ociLayer, platform }),
  );
  assert.equal(selectManifest(companions, platform), undefined);
});

test('an image that names no platform is the last choice', () => {
  const any = entry('any');
  const exact = forPlatform('linux/amd64');
  assert.equal(selectManifest(indexOf(any, exact), parsePlatform('linux/amd64')), exact);
  assert.equal(selectManifest(indexOf(any, exact), parsePlatform('linux/s390x')), any);
});
