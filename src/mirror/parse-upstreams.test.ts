import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError } from '#errors';
import { parseMirrorSettings } from './parse-mirror.ts';
import { parseUpstreams } from './parse-upstreams.ts';

test('an upstream has defaults for all but its domain, and times in seconds', () => {
  const [hub, rule] = parseUpstreams([
    {
      domain: 'index.docker.io',
      revalidate: 5,
      stale: 60,
      mode: 'fresh',
      credentials: { username: 'u', password: 'p' },
    },
    { domain: '*.pkg.dev' },
  ]);
  assert.deepEqual(
    [hub?.domain, hub?.revalidate, hub?.stale, hub?.mode],
    ['docker.io', 5000, 60_000, 'fresh'],
  );
  assert.deepEqual(hub?.credentials, { username: 'u', password: 'p' });
  assert.deepEqual([rule?.mode, rule?.keepGone, rule?.allow], ['ttl', false, []]);
});

const wrong: readonly [what: string, document: unknown][] = [
  ['no array', { domain: 'docker.io' }],
  ['no object', ['docker.io']],
  ['no domain', [{}]],
  ['a URL as domain', [{ domain: 'https://docker.io' }]],
  ['a rule for everything', [{ domain: '*' }]],
  ['a rule for a top level', [{ domain: '*.dev' }]],
  ['a rule within a label', [{ domain: 'eu-*.pkg.dev' }]],
  ['an unknown setting', [{ domain: 'docker.io', ttl: 5 }]],
  ['an inherited setting', [{ domain: 'docker.io', toString: 5 }]],
  ['a mode that is none', [{ domain: 'docker.io', mode: 'lazy' }]],
  ['a time before', [{ domain: 'docker.io', stale: -1 }]],
  ['credentials of another shape', [{ domain: 'docker.io', credentials: { user: 'u' } }]],
  ['credentials for a rule', [{ domain: '*.pkg.dev', credentials: { username: 'u', password: 'p' } }]],
  ['a host with a port', [{ domain: 'docker.io', hosts: ['a:5000'] }]],
  ['a domain twice', [{ domain: 'docker.io' }, { domain: 'registry-1.docker.io' }]],
  [
    'a host twice',
    [
      { domain: 'a.example', hosts: ['m.example'] },
      { domain: 'b.example', hosts: ['m.example'] },
    ],
  ],
];

for (const [what, document] of wrong) {
  test(`${what} is refused by name`, () => {
    assert.throws(
      () => parseUpstreams(document),
      (error) => findError(error)?.code === 'config-invalid',
    );
  });
}

test('a mirror has bounds though nothing is said, and Docker Hub stands for bare names when it is mirrored', () => {
  const settings = parseMirrorSettings({ upstreams: [{ domain: 'ghcr.io' }, { domain: 'docker.io' }] });
  assert.equal(settings.bare, 'docker.io');
  assert.deepEqual(settings.bounds, { bytes: 100 * 1024 ** 3, unused: 30 * 24 * 3_600_000 });
  assert.equal(parseMirrorSettings({ upstreams: [{ domain: 'ghcr.io' }] }).bare, undefined);
  const told = { upstreams: [{ domain: 'docker.io' }], bare: null, maxBytes: 5, unused: 2 };
  assert.deepEqual(
    [parseMirrorSettings(told).bare, parseMirrorSettings(told).bounds],
    [...[undefined, { bytes: 5, unused: 2000 }]],
  );
  for (const wrong of [[], {}, { ...told, bare: 'quay.io' }, { ...told, maxBytes: -1 }, { ...told, x: 1 }]) {
    assert.throws(
      () => parseMirrorSettings(wrong),
      (error) => findError(error)?.code === 'config-invalid',
    );
  }
});
