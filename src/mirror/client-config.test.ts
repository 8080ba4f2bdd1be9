import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError } from '#errors';
import { clientConfig, mirrorClients } from './client-config.ts';

const upstreams = ['docker.io', 'r.example:5000', '*.pkg.dev'];
const plain = { url: 'http://mirror.example:5000', upstreams };
const secure = { url: 'https://mirror.example', upstreams, ca: '/etc/ssl/mirror.crt' };

test('docker is told of Docker Hub, and that plain HTTP will do', () => {
  const [file, ...others] = clientConfig('docker', plain);
  assert.deepEqual(others, []);
  assert.equal(file?.path, '/etc/docker/daemon.json');
  assert.deepEqual(JSON.parse(file.text), {
    'registry-mirrors': ['http://mirror.example:5000'],
    'insecure-registries': ['mirror.example:5000'],
  });
  const settings = JSON.parse(clientConfig('docker', secure)[0]!.text) as unknown;
  assert.deepEqual(settings, { 'registry-mirrors': ['https://mirror.example'] });
});

test('containerd has a folder for each upstream, and one for all that a rule may mean', () => {
  const files = clientConfig('containerd', secure);
  assert.deepEqual(
    files.map(({ path }) => path),
    ['docker.io', 'r.example:5000', '_default'].map((name) => `/etc/containerd/certs.d/${name}/hosts.toml`),
  );
  assert.equal(
    files[0]?.text,
    `server = "https://registry-1.docker.io"

[host."https://mirror.example"]
  capabilities = ["pull", "resolve"]
  ca = "/etc/ssl/mirror.crt"
`,
  );
  assert.ok(!files[2]?.text.includes('server ='), 'each registry stays its own fallback');
});

test('podman finds each upstream below its name', () => {
  const [file] = clientConfig('podman', plain);
  assert.equal(
    file?.text,
    `[[registry]]
prefix = "docker.io"
location = "docker.io"

[[registry.mirror]]
location = "mirror.example:5000/docker.io"
insecure = true

[[registry]]
prefix = "r.example:5000"
location = "r.example:5000"

[[registry.mirror]]
location = "mirror.example:5000/r.example_5000"
insecure = true
`,
  );
});

test('buildkit finds each upstream below its name, and the mirror itself as it is', () => {
  const [file] = clientConfig('buildkit', plain);
  assert.equal(
    file?.text,
    `[registry."docker.io"]
  mirrors = ["mirror.example:5000/docker.io"]

[registry."r.example:5000"]
  mirrors = ["mirror.example:5000/r.example_5000"]

[registry."mirror.example:5000"]
  http = true
`,
  );
});

test('an address with more than a host, and one that would break out of its quotes, are refused', () => {
  const urls = [
    'mirror.example',
    'http://u:p@mirror.example',
    'http://mirror.example/x',
    'ftp://mirror.example',
  ];
  for (const client of mirrorClients) {
    for (const url of urls) {
      assert.throws(
        () => clientConfig(client, { url, upstreams }),
        (error) => findError(error)?.code === 'mirror-invalid',
      );
    }
    assert.throws(
      () => clientConfig(client, { ...plain, upstreams: ['a"]\nx = 1'] }),
      (error) => findError(error)?.code === 'mirror-invalid',
    );
  }
});

test('a client that can mirror none of the upstreams says so', () => {
  for (const client of ['docker', 'podman', 'buildkit'] as const) {
    assert.throws(
      () => clientConfig(client, { ...plain, upstreams: ['*.pkg.dev'] }),
      (error) => findError(error)?.code === 'mirror-invalid',
    );
  }
});
