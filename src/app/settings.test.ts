import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { Surroundings } from './places.ts';
import { compareSettings, describeSettings, mergeLive } from './settings/describe.ts';
import { settingsOfFlags } from './settings/given.ts';
import { definitions, flagOf, variableOf } from './settings/table.ts';
import { type ResolvedSettings, resolveSettings, type Settings } from './settings.ts';

const directory = await mkdtemp(path.join(tmpdir(), 'gantry-settings-'));
after(() => rm(directory, { recursive: true }));

const user: Surroundings = { uid: 1000, home: directory, cwd: '/data', env: {} };

interface Said {
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly file?: object;
}

/** Flags are given by their names as written, values as the command line's parser leaves them. */
async function resolve({ flags = {}, env = {}, file }: Said): Promise<ResolvedSettings> {
  const configFile = path.join(directory, 'daemon.json');
  if (file !== undefined) await writeFile(configFile, JSON.stringify(file));
  const camel = (name: string) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const values = Object.fromEntries(Object.entries(flags).map(([name, value]) => [camel(name), value]));
  return resolveSettings(
    {
      flags: settingsOfFlags(values, { given: new Set(Object.keys(flags)), cwd: user.cwd }),
      configFile: file === undefined ? '' : configFile,
    },
    { ...user, env },
  );
}

/** Each setting as the file, the environment and the command line say it, and what it then is. */
const spellings: readonly [keyof Settings, object, [string, string], [string, unknown], unknown][] = [
  ['dataRoot', { 'data-root': '/d' }, ['GANTRY_DATA_ROOT', '/d'], ['data-root', '/d'], '/d'],
  [
    'hosts',
    { hosts: ['fd://', 'unix:///s'] },
    ['GANTRY_HOSTS', 'fd://, unix:///s'],
    ['host', ['fd://', 'unix:///s']],
    ['fd://', 'unix:///s'],
  ],
  ['group', { group: 'g' }, ['GANTRY_GROUP', 'g'], ['group', 'g'], 'g'],
  ['tls', { tls: true }, ['GANTRY_TLS', 'true'], ['tls', true], true],
  ['tlsverify', { tlsverify: true }, ['GANTRY_TLSVERIFY', '1'], ['tlsverify', true], true],
  ['tlscacert', { tlscacert: '/ca' }, ['GANTRY_TLSCACERT', '/ca'], ['tlscacert', '/ca'], '/ca'],
  ['tlscert', { tlscert: '/c' }, ['GANTRY_TLSCERT', '/c'], ['tlscert', '/c'], '/c'],
  ['tlskey', { tlskey: '/k' }, ['GANTRY_TLSKEY', '/k'], ['tlskey', '/k'], '/k'],
  [
    'allowUnprotectedTcp',
    { 'allow-unprotected-tcp': true },
    ['GANTRY_ALLOW_UNPROTECTED_TCP', 'true'],
    ['allow-unprotected-tcp', true],
    true,
  ],
  ['pidfile', { pidfile: '/p' }, ['GANTRY_PIDFILE', '/p'], ['pidfile', '/p'], '/p'],
  [
    'metricsAddr',
    { 'metrics-addr': '[::1]:9323' },
    ['GANTRY_METRICS_ADDR', '[::1]:9323'],
    ['metrics-addr', '[::1]:9323'],
    '[::1]:9323',
  ],
  ['debug', { debug: true }, ['GANTRY_DEBUG', 'true'], ['debug', true], true],
  ['logLevel', { 'log-level': 'warn' }, ['GANTRY_LOG_LEVEL', 'warn'], ['log-level', 'warn'], 'warn'],
  ['logFormat', { 'log-format': 'json' }, ['GANTRY_LOG_FORMAT', 'json'], ['log-format', 'json'], 'json'],
  ['labels', { labels: ['a=b'] }, ['GANTRY_LABELS', 'a=b'], ['label', ['a=b']], ['a=b']],
  [
    'registryMirrors',
    { 'registry-mirrors': ['https://m'] },
    ['GANTRY_REGISTRY_MIRRORS', 'https://m'],
    ['registry-mirror', ['https://m']],
    ['https://m'],
  ],
  [
    'insecureRegistries',
    { 'insecure-registries': ['r:5000', '10.0.0.0/8'] },
    ['GANTRY_INSECURE_REGISTRIES', 'r:5000,10.0.0.0/8'],
    ['insecure-registry', ['r:5000', '10.0.0.0/8']],
    ['r:5000', '10.0.0.0/8'],
  ],
  [
    'httpProxy',
    { proxies: { 'http-proxy': 'http://p' } },
    ['GANTRY_HTTP_PROXY', 'http://p'],
    ['http-proxy', 'http://p'],
    'http://p',
  ],
  [
    'httpsProxy',
    { proxies: { 'https-proxy': 'http://p' } },
    ['GANTRY_HTTPS_PROXY', 'http://p'],
    ['https-proxy', 'http://p'],
    'http://p',
  ],
  ['noProxy', { proxies: { 'no-proxy': 'a,b' } }, ['GANTRY_NO_PROXY', 'a,b'], ['no-proxy', 'a,b'], 'a,b'],
  [
    'maxConcurrentDownloads',
    { 'max-concurrent-downloads': 9 },
    ['GANTRY_MAX_CONCURRENT_DOWNLOADS', '9'],
    ['max-concurrent-downloads', 9],
    9,
  ],
  [
    'maxConcurrentUploads',
    { 'max-concurrent-uploads': 9 },
    ['GANTRY_MAX_CONCURRENT_UPLOADS', '9'],
    ['max-concurrent-uploads', 9],
    9,
  ],
  [
    'maxDownloadAttempts',
    { 'max-download-attempts': 9 },
    ['GANTRY_MAX_DOWNLOAD_ATTEMPTS', '9'],
    ['max-download-attempts', 9],
    9,
  ],
  ['unpack', { unpack: 'lazy' }, ['GANTRY_UNPACK', 'lazy'], ['unpack', 'lazy'], 'lazy'],
];

test('each setting means the same in the file, in the environment and on the command line', async () => {
  const { settings } = await resolve({});
  assert.deepEqual(
    Object.keys(settings),
    spellings.map(([name]) => name),
  );
  for (const [name, file, [variable, text], [flag, value], expected] of spellings) {
    const written = await resolve({ file });
    assert.deepEqual(written.settings[name], expected, name);
    assert.equal(written.from[name], `${path.join(directory, 'daemon.json')}:1`);
    const inherited = await resolve({ env: { [variable]: text } });
    assert.deepEqual(inherited.settings[name], expected, name);
    assert.equal(inherited.from[name], variable);
    const typed = await resolve({ flags: { [flag]: value } });
    assert.deepEqual(typed.settings[name], expected, name);
    assert.equal(typed.from[name], `--${flag}`);
  }
});

test('the command line comes before the environment, that before the file, that before the defaults', async () => {
  const file = { 'max-concurrent-downloads': 1, 'max-concurrent-uploads': 1, 'max-download-attempts': 1 };
  const env = { GANTRY_MAX_CONCURRENT_DOWNLOADS: '2', GANTRY_MAX_CONCURRENT_UPLOADS: '2' };
  const { settings, from } = await resolve({ file, env, flags: { 'max-concurrent-downloads': 3 } });
  assert.equal(settings.maxConcurrentDownloads, 3);
  assert.equal(settings.maxConcurrentUploads, 2);
  assert.equal(settings.maxDownloadAttempts, 1);
  assert.equal(settings.logLevel, 'info');
  assert.equal(from.logLevel, 'default');
});

test('no addresses mean the usual one', async () => {
  const { settings, from } = await resolve({ file: { hosts: [] } });
  assert.deepEqual(settings.hosts, [`unix://${path.join(directory, '.local/share/gantry/gantry.sock')}`]);
  assert.equal(from.hosts, 'default');
});

test('paths on the command line are relative to the working directory, elsewhere they are absolute', async () => {
  const { settings } = await resolve({ flags: { 'data-root': 'store', tlscacert: '../ca.pem' } });
  assert.equal(settings.dataRoot, '/data/store');
  assert.equal(settings.tlscacert, '/ca.pem');
  await assert.rejects(resolve({ env: { GANTRY_DATA_ROOT: 'store' } }), {
    code: 'config-invalid',
    message: 'GANTRY_DATA_ROOT must be an absolute path, not "store"',
  });
});

test('a wrong value is told with the flag or the variable that it stands in', async () => {
  const wrong: readonly [Said, RegExp][] = [
    [{ flags: { 'log-level': 'loud' } }, /^--log-level must be one of "debug", .*, not "loud"$/],
    [{ flags: { host: ['ftp://x'] } }, /^--host must be a list of addresses like .*, not \["ftp:\/\/x"\]$/],
    [{ env: { GANTRY_DEBUG: 'yes' } }, /^GANTRY_DEBUG must be true or false, not "yes"$/],
    [{ env: { GANTRY_MAX_CONCURRENT_UPLOADS: '0' } }, /must be a whole number above 0, not 0$/],
  ];
  for (const [said, message] of wrong) {
    await assert.rejects(resolve(said), { kind: 'invalid-argument', code: 'config-invalid', message });
  }
});

test('proxies come from the usual variables when nothing else names them', async () => {
  const env = { HTTP_PROXY: 'http://upper', http_proxy: 'http://lower', no_proxy: 'here' };
  assert.equal((await resolve({ env })).settings.httpProxy, 'http://upper');
  const { settings, from } = await resolve({ env });
  assert.equal(settings.noProxy, 'here');
  assert.deepEqual([from.httpProxy, from.noProxy, from.httpsProxy], ['HTTP_PROXY', 'NO_PROXY', 'default']);
  const file = { proxies: { 'http-proxy': 'http://file' } };
  assert.equal((await resolve({ env, file })).settings.httpProxy, 'http://file');
});

test('the usual file is read when it is there, and one that is named must be', async () => {
  const none = await resolveSettings({ flags: new Map(), configFile: '' }, user);
  assert.equal(none.settings.dataRoot, path.join(directory, '.local/share/gantry'));
  const config = await mkdtemp(path.join(directory, 'config-'));
  const env = { XDG_CONFIG_HOME: config };
  await mkdir(path.join(config, 'gantry'));
  await writeFile(path.join(config, 'gantry/daemon.json'), '{"unpack": "lazy"}');
  const usual = await resolveSettings({ flags: new Map(), configFile: '' }, { ...user, env });
  assert.equal(usual.settings.unpack, 'lazy');
  const missing = path.join(directory, 'missing.json');
  await assert.rejects(resolve({ env: { GANTRY_CONFIG_FILE: missing } }), { code: 'errno-enoent' });
});

test('the description names every setting, its value and its source, and no secret', async () => {
  const resolved = await resolve({
    env: { GANTRY_HTTP_PROXY: 'http://user:hunter2@proxy:3128' },
    flags: { label: ['a=1', 'b=2'] },
  });
  const lines = describeSettings(resolved);
  assert.equal(lines.length, spellings.length);
  assert.ok(!JSON.stringify(lines).includes('hunter2'));
  assert.deepEqual(
    lines.filter(({ From }) => From !== 'default'),
    [
      { Name: 'labels', Value: 'a=1, b=2', From: '--label' },
      { Name: 'proxies.http-proxy', Value: 'http://***@proxy:3128', From: 'GANTRY_HTTP_PROXY' },
    ],
  );
});

test('a running daemon takes over what can change, and says what cannot', async () => {
  const before = await resolve({ file: { 'data-root': '/a', labels: ['old=1'], hosts: ['fd://'] } });
  const after = await resolve({
    file: { 'data-root': '/b', labels: ['new=1'], hosts: ['fd://'], debug: true },
  });
  assert.deepEqual(compareSettings(before, after), { live: ['debug', 'labels'], fixed: ['data-root'] });
  const merged = mergeLive(before, after);
  assert.equal(merged.settings.dataRoot, '/a');
  assert.deepEqual(merged.settings.labels, ['new=1']);
  assert.equal(merged.settings.debug, true);
  assert.equal(merged.from.debug, after.from.debug);
});

test('both pages about the configuration name each setting, its flag and its variable', async () => {
  for (const page of ['configuration.md', 'configuration.zh-CN.md']) {
    const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
    for (const [, definition] of definitions) {
      const words = [definition.key, `--${flagOf(definition)}`, variableOf(definition)];
      const row = text.split('\n').find((line) => line.startsWith(`| \`${definition.key}\` `));
      for (const word of words) assert.ok(row?.includes(`\`${word}\``), `${page}: ${word}`);
      assert.equal(
        /\| (yes|是) +\|$/.test(row ?? ''),
        definition.live === true,
        `${page}: ${definition.key}`,
      );
    }
  }
});
