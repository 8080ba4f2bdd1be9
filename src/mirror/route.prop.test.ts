import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isRepositoryName } from '#registry';
import { parseUpstreams } from './parse-upstreams.ts';
import { routeOf } from './route.ts';
import { createUpstreamTable } from './upstream.ts';

const upstreams = parseUpstreams([
  { domain: 'docker.io', hosts: ['hub.mirror.example'] },
  { domain: 'r.example:5000' },
  { domain: '*.pkg.dev' },
  { domain: '*.dkr.ecr.*.amazonaws.com' },
]);
const table = createUpstreamTable(upstreams);

/** Whether a domain is in the table, decided label by label. */
function isListed(domain: string): boolean {
  return upstreams.some((upstream) => {
    const [rule, labels] = [upstream.domain.split('.'), domain.split('.')];
    return (
      rule.length === labels.length &&
      rule.every((label, at) => (label === '*' ? /^[a-z0-9-]+$/.test(labels[at]!) : label === labels[at]))
    );
  });
}

const domain = fc.oneof(
  fc.constantFrom('docker.io', 'Docker.IO', 'index.docker.io', 'registry-1.docker.io', 'r.example:5000'),
  fc.constantFrom('eu.pkg.dev', 'a.b.pkg.dev', 'pkg.dev', '.pkg.dev', '*.pkg.dev', 'evil.example#.pkg.dev'),
  fc.constantFrom(
    '1.dkr.ecr.eu-1.amazonaws.com',
    '127.0.0.1',
    'u@eu.pkg.dev',
    'eu.pkg.dev:443',
    'evil/.pkg.dev',
  ),
  fc.string(),
  fc.stringMatching(/^[a-z0-9.:_*-]{0,20}\.pkg\.dev$/),
);
const path = fc.oneof(fc.stringMatching(/^[a-z0-9]{1,8}(\/[a-z0-9]{1,8}){0,3}$/), fc.string());
const asked = fc.record({
  repository: fc.oneof(
    path,
    fc.tuple(domain, path).map((parts) => parts.join('/')),
  ),
  namespace: fc.option(domain, { nil: undefined }),
  host: fc.option(fc.oneof(domain, fc.constant('hub.mirror.example:5000')), { nil: undefined }),
});

test('whatever a request says, only registries of the table are meant', () => {
  fc.assert(
    fc.property(asked, (request) => {
      const { mirrored, hosted } = routeOf(request, table, 'docker.io');
      if (mirrored !== undefined) {
        assert.ok(isListed(mirrored.domain), mirrored.domain);
        assert.ok(!/[/@#?\s]/.test(mirrored.domain));
      }
      if (hosted !== undefined) assert.equal(hosted, request.repository);
    }),
    { numRuns: 2000 },
  );
});

test('a name that a registry can have is one here, and tells its upstream and path', () => {
  const names = new Map<string, string>();
  fc.assert(
    fc.property(asked, (request) => {
      const { mirrored } = routeOf(request, table, undefined);
      if (mirrored === undefined || !isRepositoryName(mirrored.path)) return;
      assert.ok(isRepositoryName(mirrored.name), mirrored.name);
      const origin = `${mirrored.domain} ${mirrored.path}`;
      assert.equal(names.get(mirrored.name) ?? origin, origin);
      names.set(mirrored.name, origin);
    }),
    { numRuns: 2000 },
  );
});

test('the name under which a repository is kept leads to it again', () => {
  fc.assert(
    fc.property(asked, (request) => {
      const { mirrored } = routeOf(request, table, undefined);
      if (mirrored === undefined || !isRepositoryName(mirrored.path)) return;
      const again = routeOf(
        { repository: mirrored.name, namespace: undefined, host: undefined },
        table,
        undefined,
      );
      assert.equal(again.mirrored?.name, mirrored.name);
    }),
    { numRuns: 2000 },
  );
});
