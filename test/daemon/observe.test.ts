/** What the daemon lets be seen: log, request ids, metrics, health, and no secret (needs docker, docker-registry). */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { docker, gantry } from '../support/gantry.ts';
import { openRegistry, type Registry, requireTools, succeed, temporaryDirectory } from '../support/peers.ts';
import { publish } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';
import { isRequest, isServing, type RunningDaemon, startGantry } from './running.ts';

const password = 'correct-horse-battery-staple';
const image = randomImage({ seed: 11, layers: 2, fileSize: 50_000 });
const layerBytes = image.layers.reduce((sum, { length }) => sum + length, 0);
const stack = new AsyncDisposableStack();
let directory: string;
let socket: string;
let host: string;
let daemon: RunningDaemon;
let metrics: string;

before(async () => {
  await requireTools(['docker', 'skopeo']);
  directory = stack.use(await temporaryDirectory('observe')).path;
  socket = join(directory, 'g.sock');
  host = `unix://${socket}`;
  daemon = stack.use(
    startGantry(
      [
        ...['--data-root', join(directory, 'data'), '--host', host, '--metrics-addr', '127.0.0.1:0'],
        ...['--debug', '--http-proxy', `http://me:${password}@127.0.0.1:9`],
      ],
      { env: { GANTRY_HTTPS_PROXY: `http://me:${password}@127.0.0.1:9` } },
    ),
  );
  metrics = String((await daemon.line(isServing))['metrics']);
});
after(() => stack.disposeAsync());

/** Asks the daemon's socket and answers the headers. */
async function ask(path: string, headers: Record<string, string> = {}): Promise<Record<string, unknown>> {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
  request({ socketPath: socket, path, headers, agent: false }, (response) => {
    response.resume().once('end', () => {
      resolve(response.headers);
    });
  })
    .once('error', reject)
    .end();
  return promise;
}

test('each request has an id, the client’s own or a new one, in its answer and in the log', async () => {
  const own = await ask('/v1.50/images/json?filters=%7B%7D', { 'X-Request-Id': 'build-42' });
  assert.equal(own['x-request-id'], 'build-42');
  const line = await daemon.line(({ request: id }) => id === 'build-42');
  const { time: _, ms, ...rest } = line;
  assert.equal(typeof ms, 'number');
  assert.deepEqual(rest, {
    ...{ level: 'info', msg: 'request', request: 'build-42' },
    ...{ method: 'GET', path: '/v1.50/images/json', status: 200 },
  });
  const forged = await ask('/info', { 'X-Request-Id': 'a b' });
  assert.match(String(forged['x-request-id']), /^[0-9a-f-]{36}$/);
  await daemon.line(({ request: id }) => id === forged['x-request-id']);
});

test('a failing request is logged with its id, kind and code', async () => {
  await ask('/v1.50/images/none/json');
  const line = await daemon.line(isRequest('/images/none/json'));
  assert.equal(line['status'], 404);
});

test('a pull is logged with its bytes, and no secret is in the log, the metrics or info', async () => {
  await using registry: Registry = await openRegistry({ auth: { user: 'me', password } });
  await publishAs(registry);
  const config = join(directory, 'docker');
  await mkdir(config);
  const auth = Buffer.from(`me:${password}`).toString('base64');
  const write = (secret: string) =>
    writeFile(join(config, 'config.json'), JSON.stringify({ auths: { [registry.host]: { auth: secret } } }));
  const pull = () => docker(['--config', config, 'pull', `${registry.host}/a/b:1`], { host });

  const wrong = Buffer.from(`me:${password}-wrong`).toString('base64');
  await write(wrong);
  assert.equal((await pull()).code, 1);
  await write(auth);
  const pulled = await pull();
  assert.equal(pulled.code, 0, pulled.stderr);
  const login = [
    '--config',
    join(directory, 'login'),
    'login',
    '-u',
    'me',
    '--password-stdin',
    registry.host,
  ];
  assert.equal((await docker(login, { host, input: password })).code, 0);
  // It goes through the proxy, which nobody answers.
  assert.equal((await docker(['pull', 'registry.invalid/a:1'], { host })).code, 1);

  const event = await daemon.line(({ msg }) => msg === 'image pull');
  assert.equal(event['image'], `${registry.host}/a/b:1`);
  assert.ok(Number(event['received']) >= layerBytes, JSON.stringify(event));
  const [line] = daemon.lines(({ request: id, msg }) => id === event['request'] && msg === 'request');
  assert.equal(line?.['path'], '/v1.50/images/create');

  const exposed = await (await fetch(`${metrics}/metrics`)).text();
  const told = await docker(['info', '--format', '{{json .}}'], { host });
  for (const [where, text] of [
    ['log', daemon.printed()],
    ['metrics', exposed],
    ['info', told.stdout + (await gantry(['--host', host, 'info'])).stdout],
  ] as const) {
    for (const secret of [password, auth, auth.replace(/=+$/, ''), wrong]) {
      assert.ok(!text.includes(secret), `the ${where} shows ${secret}`);
    }
  }
});

test('metrics count requests, bytes and events, in few series', async () => {
  await ask('/v1.50/some/thing/else');
  await daemon.line(isRequest('/some/thing/else'));
  const answer = await fetch(`${metrics}/metrics`);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const text = await answer.text();
  const value = (series: RegExp) => Number(new RegExp(`^${series.source} (\\S+)$`, 'm').exec(text)?.[1]);
  assert.equal(value(/gantry_build_info\{version="[\d.]+"\}/), 1);
  assert.equal(value(/gantry_images/), 1);
  assert.ok(value(/gantry_registry_blob_bytes_total\{direction="received"\}/) >= layerBytes);
  assert.ok(value(/gantry_events_total\{type="image",action="pull"\}/) >= 1);
  assert.equal(
    value(/gantry_http_request_duration_seconds_count\{method="GET",area="other",status="404"\}/),
    1,
  );
  assert.match(text, /^process_resident_memory_bytes \d+/m);
});

test('health is answered at the same address, and nothing else is', async () => {
  for (const [path, status, body] of [
    ['/livez', 200, 'ok\n'],
    ['/readyz', 200, 'ok\n'],
    ['/info', 404, 'there are /metrics, /livez and /readyz\n'],
  ] as const) {
    const answer = await fetch(metrics + path);
    assert.deepEqual([answer.status, await answer.text()], [status, body]);
  }
});

test('gantry info tells each setting and who gave it', async () => {
  const { stdout } = await gantry(['--host', host, 'info']);
  assert.match(stdout, /^ {2}debug: true \(--debug\)$/m);
  assert.match(stdout, /^ {2}proxies\.https-proxy: http:\/\/\*\*\*@127\.0\.0\.1:9 \(GANTRY_HTTPS_PROXY\)$/m);
  assert.match(stdout, /^ {2}max-concurrent-downloads: 3 \(default\)$/m);
});

/** Puts the image into a registry that asks who it is. */
async function publishAs(registry: Registry): Promise<void> {
  await using open = await openRegistry();
  await publish(open.url, 'a/b', '1', image);
  await succeed('skopeo', [
    ...['copy', '--src-tls-verify=false', '--dest-tls-verify=false', '--dest-creds', `me:${password}`],
    ...[`docker://${open.host}/a/b:1`, `docker://${registry.host}/a/b:1`],
  ]);
}
