import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHostRules } from './hosts.ts';
import { isLoopback, isWithin } from './address.ts';
import { proxyFor } from './proxy.ts';
import { trustsRealm } from './realm.ts';
import { mergeScopes } from './scope.ts';

test('Docker Hub has its own host, and its mirrors, under each of its names', async () => {
  const rules = createHostRules({ registryMirrors: ['https://m.example/x'] });
  for (const domain of ['docker.io', 'index.docker.io', 'registry-1.docker.io']) {
    assert.deepEqual((await rules.origins(domain)).map(String), ['https://registry-1.docker.io/']);
    assert.deepEqual(rules.mirrors(domain).map(String), ['https://m.example/x']);
  }
  assert.deepEqual(rules.mirrors('quay.io'), []);
});

test('this machine and what is listed may do without https, which is tried first', async () => {
  const rules = createHostRules({
    insecureRegistries: ['lab', 'corp.example:5000', '10.1.0.0/16', 'fd00::/8'],
  });
  for (const domain of [
    'localhost',
    'localhost:5000',
    '127.8.8.8:1',
    '[::1]:5000',
    'lab:99',
    'corp.example:5000',
    '10.1.2.3',
    '[fd00::1]',
  ]) {
    assert.deepEqual((await rules.origins(domain)).map(String), [`https://${domain}/`, `http://${domain}/`]);
  }
  for (const domain of ['corp.example', 'corp.example:5001', '10.2.0.1', '[fe80::1]', 'quay.io']) {
    assert.deepEqual((await rules.origins(domain)).map(String), [`https://${domain}/`]);
  }
  const named = createHostRules({ insecureRegistries: ['127.0.0.0/8', '10.0.0.0/33', 'x/8'] });
  assert.ok(!(await named.isInsecure('name.invalid')), 'a name without an address is in no network');
});

test('a mirror that is no URL is refused', () => {
  for (const mirror of ['m.example', 'ftp://m.example', 'https://m.example/?a', 'https://me:pw@m.example']) {
    assert.throws(() => createHostRules({ registryMirrors: [mirror] }), { code: 'mirror-invalid' }, mirror);
  }
});

test('addresses lie in their networks', () => {
  assert.ok(
    isWithin('10.9.9.9', '10.0.0.0/8') && isWithin('::1', '::/0') && isWithin('1.2.3.4', '1.2.3.4/32'),
  );
  for (const [address, network] of [
    ['11.0.0.0', '10.0.0.0/8'],
    ['::1', '10.0.0.0/8'],
    ['10.0.0.1', '10.0.0.0'],
    ['10.0.0.1', '10.0.0.0/x'],
    ['name', '10.0.0.0/8'],
  ] as const) {
    assert.ok(!isWithin(address, network), `${address} ${network}`);
  }
  assert.ok(isLoopback('[::1]') && !isLoopback('localhost.example'));
});

test('a proxy is taken from the environment, but for what it spares and for this machine', () => {
  const env = {
    HTTPS_PROXY: 'http://p:3128',
    http_proxy: 'q:80',
    NO_PROXY: ' corp.example, .sub.example,10.0.0.0/8,a.example:444,*.star.example,192.168.1.1',
  };
  const proxy = (url: string): string | undefined => proxyFor(new URL(url), env)?.href;
  assert.equal(proxy('https://quay.io/'), 'http://p:3128/');
  assert.equal(proxy('http://quay.io/'), 'http://q/');
  for (const host of [
    'corp.example',
    'x.corp.example',
    'x.sub.example',
    '10.2.3.4',
    'a.example:444',
    'x.star.example',
    '192.168.1.1',
    'localhost:5000',
    '[::1]',
  ]) {
    assert.equal(proxy(`https://${host}/`), undefined, host);
  }
  for (const host of [
    'xcorp.example',
    'sub.example',
    '11.2.3.4',
    'a.example',
    'star.example',
    '192.168.1.2',
  ]) {
    assert.equal(proxy(`https://${host}/`), 'http://p:3128/', host);
  }
  assert.equal(proxyFor(new URL('https://quay.io/'), { HTTPS_PROXY: 'p:1', NO_PROXY: '*' }), undefined);
  assert.equal(proxyFor(new URL('https://quay.io/'), {}), undefined);
});

test('credentials go to token services of the same owner only', () => {
  const trusts = (registry: string, realm: string): boolean => trustsRealm(new URL(registry), new URL(realm));
  for (const [registry, realm] of [
    ['https://registry-1.docker.io', 'https://auth.docker.io/token'],
    ['https://registry.gitlab.com', 'https://gitlab.com/jwt/auth'],
    ['https://r.corp.co.uk', 'https://auth.corp.co.uk'],
    ['https://r.example:5000', 'https://r.example:5001'],
    ['http://127.0.0.1:5000', 'http://127.0.0.1:5001'],
    ['http://localhost:5000', 'https://localhost'],
  ] as const) {
    assert.ok(trusts(registry, realm), `${registry} ${realm}`);
  }
  for (const [registry, realm] of [
    ['https://registry.example', 'https://example.evil'],
    ['https://r.corp.co.uk', 'https://r.evil.co.uk'],
    ['https://r.example', 'http://r.example'],
    ['https://10.0.0.1', 'https://11.0.0.1'],
    ['https://[::1]', 'https://[::2]'],
    ['https://localhost', 'https://otherhost'],
    ['https://example', 'https://x.example'],
  ] as const) {
    assert.ok(!trusts(registry, realm), `${registry} ${realm}`);
  }
});

test('scopes of one resource become one, whatever their order', () => {
  assert.deepEqual(
    mergeScopes(['repository:h:5000/a:push', 'repository:h:5000/a:pull', '', 'registry:catalog:*']),
    ['registry:catalog:*', 'repository:h:5000/a:pull,push'],
  );
  assert.deepEqual(mergeScopes(['a:b:c d:e:f']), ['a:b:c', 'd:e:f']);
  const scope = fc.tuple(
    fc.constantFrom('repository:a', 'repository:h:1/b'),
    fc.constantFrom('pull', 'push', 'pull,push'),
  );
  fc.assert(
    fc.property(fc.array(scope.map((parts) => parts.join(':'))), (scopes) => {
      const merged = mergeScopes(scopes);
      assert.deepEqual(mergeScopes([...scopes].reverse()), merged);
      assert.deepEqual(mergeScopes(merged), merged);
      assert.equal(new Set(merged.map((one) => one.slice(0, one.lastIndexOf(':')))).size, merged.length);
    }),
  );
});
