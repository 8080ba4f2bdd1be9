import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseUpstreams } from './parse-upstreams.ts';
import { routeOf } from './route.ts';
import { createUpstreamTable, isAllowed, mirroredName } from './upstream.ts';

const table = createUpstreamTable(
  parseUpstreams([
    { domain: 'docker.io', hosts: ['hub.mirror.example'] },
    { domain: 'ghcr.io', hosts: ['ghcr.mirror.example'] },
    { domain: 'r.example:5000' },
    { domain: '*.pkg.dev' },
    { domain: '*.dkr.ecr.*.amazonaws.com' },
  ]),
);

/** Repository, `ns` and Host, and what is meant: hosted, upstream and path. */
const cases: readonly [
  repository: string,
  namespace: string | undefined,
  host: string | undefined,
  hosted: string | undefined,
  mirrored: string | undefined,
][] = [
  // Bare paths: hosted, else Docker Hub.
  ['library/busybox', undefined, 'mirror:5000', 'library/busybox', 'docker.io library/busybox'],
  ['busybox', undefined, undefined, 'busybox', 'docker.io library/busybox'],
  ['team/app', undefined, undefined, 'team/app', 'docker.io team/app'],
  // What looks like a host and is none of ours stays a name.
  ['quay.io/team/app', undefined, undefined, 'quay.io/team/app', 'docker.io quay.io/team/app'],
  ['docker.io', undefined, undefined, 'docker.io', 'docker.io library/docker.io'],
  // ns: only that upstream.
  ['library/busybox', 'docker.io', 'mirror:5000', undefined, 'docker.io library/busybox'],
  ['busybox', 'docker.io', undefined, undefined, 'docker.io library/busybox'],
  ['library/busybox', 'registry-1.docker.io', undefined, undefined, 'docker.io library/busybox'],
  ['library/busybox', 'INDEX.docker.io', undefined, undefined, 'docker.io library/busybox'],
  ['busybox', 'ghcr.io', undefined, undefined, 'ghcr.io busybox'],
  ['a/b', 'r.example:5000', undefined, undefined, 'r.example:5000 a/b'],
  ['a/b', 'eu.pkg.dev', undefined, undefined, 'eu.pkg.dev a/b'],
  // An override_path that repeats the upstream.
  ['docker.io/library/busybox', 'docker.io', undefined, undefined, 'docker.io library/busybox'],
  ['r.example_5000/a/b', 'r.example:5000', undefined, undefined, 'r.example:5000 a/b'],
  ['ghcr.io/a', 'docker.io', undefined, undefined, 'docker.io ghcr.io/a'],
  // ns of what is not in the table: nothing, wherever it might lead.
  ['a/b', 'quay.io', 'mirror:5000', undefined, undefined],
  ['a/b', 'pkg.dev', undefined, undefined, undefined],
  ['a/b', 'x.y.pkg.dev', undefined, undefined, undefined],
  ['a/b', '*.pkg.dev', undefined, undefined, undefined],
  ['a/b', 'eu.pkg.dev:8080', undefined, undefined, undefined],
  ['a/b', '169.254.169.254', undefined, undefined, undefined],
  ['a/b', 'user@eu.pkg.dev', undefined, undefined, undefined],
  ['a/b', '', undefined, undefined, undefined],
  // ns that is this registry: its own.
  ['a/b', 'mirror:5000', 'mirror:5000', 'a/b', undefined],
  // A name of this server that means one upstream.
  ['library/busybox', undefined, 'hub.mirror.example', undefined, 'docker.io library/busybox'],
  ['busybox', undefined, 'HUB.mirror.example:5000', undefined, 'docker.io library/busybox'],
  ['a/b', undefined, 'ghcr.mirror.example', undefined, 'ghcr.io a/b'],
  ['docker.io/a', undefined, 'ghcr.mirror.example', undefined, 'ghcr.io docker.io/a'],
  ['a/b', 'docker.io', 'ghcr.mirror.example', undefined, 'docker.io a/b'],
  // The path begins with the upstream.
  ['docker.io/library/busybox', undefined, undefined, undefined, 'docker.io library/busybox'],
  ['docker.io/busybox', undefined, undefined, undefined, 'docker.io library/busybox'],
  ['index.docker.io/a/b', undefined, undefined, undefined, 'docker.io a/b'],
  ['ghcr.io/a/b', undefined, undefined, undefined, 'ghcr.io a/b'],
  ['r.example_5000/a/b', undefined, undefined, undefined, 'r.example:5000 a/b'],
  ['eu.pkg.dev/project/a', undefined, undefined, undefined, 'eu.pkg.dev project/a'],
  ['1.dkr.ecr.eu-1.amazonaws.com/a', undefined, undefined, undefined, '1.dkr.ecr.eu-1.amazonaws.com a'],
];

for (const [repository, namespace, host, hosted, mirrored] of cases) {
  test(`${repository} with ns ${namespace ?? 'none'} at ${host ?? 'any host'} is ${mirrored ?? 'no mirror'}`, () => {
    const route = routeOf({ repository, namespace, host }, table, 'docker.io');
    assert.equal(route.hosted, hosted);
    assert.equal(route.mirrored && `${route.mirrored.domain} ${route.mirrored.path}`, mirrored);
  });
}

test('without an upstream for bare paths they are hosted and nothing else', () => {
  const route = routeOf({ repository: 'busybox', namespace: undefined, host: undefined }, table, undefined);
  assert.deepEqual(route, { hosted: 'busybox', mirrored: undefined });
});

test('what is mirrored is what a pattern allows and none denies', () => {
  const [upstream] = parseUpstreams([
    { domain: 'ghcr.io', allow: ['library/*', 'team/**'], deny: ['team/secret/**', 'library/x.y'] },
  ]);
  const allowed = (path: string): boolean =>
    isAllowed(mirroredName({ upstream: upstream!, domain: 'ghcr.io' }, path));
  assert.deepEqual(['library/a', 'team/a', 'team/a/b', 'library/xzy'].map(allowed), [true, true, true, true]);
  assert.deepEqual(['library/a/b', 'other/a', 'team/secret/a', 'library/x.y'].map(allowed), [
    ...[false, false, false, false],
  ]);
});
