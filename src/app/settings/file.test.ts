import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unusedDockerdKeys } from './dockerd-keys.ts';
import { parseSettings } from './file.ts';
import { definitions } from './table.ts';

async function failure(text: string): Promise<string> {
  try {
    await parseSettings(text, 'f.json');
  } catch (error) {
    const { kind, code, message } = error as { kind: string; code: string; message: string };
    assert.deepEqual([kind, code], ['invalid-argument', 'config-invalid']);
    return message;
  }
  return assert.fail(`accepted: ${text}`);
}

test("a user's file of dockerd works, with one line about what means nothing here", async () => {
  const { values, warnings } = await parseSettings(
    `{
  "log-driver": "json-file",
  "log-opts": { "max-size": "10m", "max-file": "3" },
  "storage-driver": "overlay2",
  "exec-opts": ["native.cgroupdriver=systemd"],
  "registry-mirrors": ["https://mirror.example"],
  "live-restore": true
}`,
    'f.json',
  );
  assert.deepEqual(Object.fromEntries(values), {
    registryMirrors: { value: ['https://mirror.example'], line: 6 },
  });
  assert.deepEqual(warnings, [
    'f.json: settings of Docker that mean nothing to Gantry: log-driver, log-opts, storage-driver, exec-opts, live-restore',
  ]);
});

test('no key is both used and said to mean nothing', () => {
  for (const [, { key }] of definitions) assert.ok(!unusedDockerdKeys.has(key), key);
});

test('an unknown key is an error with its line and the nearest right key', async () => {
  const cases: readonly [string, string][] = [
    [
      '{\n\n "registry-mirror": []}',
      'f.json:3: there is no setting "registry-mirror"; the nearest is "registry-mirrors"',
    ],
    ['{"mirrors": []}', 'f.json:1: there is no setting "mirrors"; the nearest is "registry-mirrors"'],
    [
      '{\n"max-concurent-downloads": 3}',
      'f.json:2: there is no setting "max-concurent-downloads"; the nearest is "max-concurrent-downloads"',
    ],
    [
      '{"http-proxy": "x"}',
      'f.json:1: there is no setting "http-proxy"; the nearest is "proxies.http-proxy"',
    ],
    [
      '{"proxies": {\n"htp-proxy": "x"}}',
      'f.json:2: there is no setting "proxies.htp-proxy"; the nearest is "proxies.http-proxy"',
    ],
    ['{"__proto__": 1, "debug": true}', 'f.json:1: there is no setting "__proto__"; the nearest is "group"'],
  ];
  for (const [text, message] of cases) assert.equal(await failure(text), message);
});

test('a wrong value is an error with its own line, also in lists, objects and keys that stand there twice', async () => {
  const cases: readonly [string, string][] = [
    ['{\n"debug":\n"yes"}', 'f.json:3: "debug" must be true or false'],
    [
      '{"max-concurrent-downloads": 1.5}',
      'f.json:1: "max-concurrent-downloads" must be a whole number above 0',
    ],
    ['{"data-root": "relative"}', 'f.json:1: "data-root" must be an absolute path'],
    [
      '{"hosts": "unix:///x"}',
      'f.json:1: "hosts" must be a list of addresses like "unix:///run/gantry.sock", "tcp://127.0.0.1:2375" or "fd://"',
    ],
    [
      '{"registry-mirrors": [\n"https://a",\n"b"\n]}',
      'f.json:3: "registry-mirrors" must be a list of URLs like "https://mirror.example:5000", and this is not a URL like "https://mirror.example:5000"',
    ],
    [
      '{"labels": [\n"a=b",\n7]}',
      'f.json:3: "labels" must be a list of labels like "zone=a", and this is not a label like "zone=a"',
    ],
    ['{"proxies":\n "x"}', 'f.json:2: "proxies" must be an object'],
    ['{"proxies": {\n"no-proxy": []}}', 'f.json:2: "proxies.no-proxy" must be a text'],
    // The word stands in a comment, in a value and in a good key before it stands where it is wrong.
    [
      '{\n// debug\n"group": "debug",\n"debug": true,\n"debug": 1}',
      'f.json:5: "debug" must be true or false',
    ],
  ];
  for (const [text, message] of cases) assert.equal(await failure(text), message);
});

test('of a key that stands there twice the last one counts, with a warning', async () => {
  const { values, warnings } = await parseSettings('{"debug": false,\n"debug": true}', 'f.json');
  assert.deepEqual(values.get('debug'), { value: true, line: 2 });
  assert.deepEqual(warnings, [
    'f.json: settings that stand there twice, of which the last counts: "debug" (lines 1 and 2)',
  ]);
});

test('comments, a comma behind the last, a byte order mark and an empty file are fine', async () => {
  const text = '\uFEFF{ // one\n "debug": true, /* two */\n "labels": ["a=b",],\n}';
  assert.deepEqual((await parseSettings(text, 'f.json')).values.get('labels'), { value: ['a=b'], line: 3 });
  assert.equal((await parseSettings(' \n', 'f.json')).values.size, 0);
});

test('what is no JSON object is an error with its line', async () => {
  assert.match(await failure('{\n"debug" true}'), /^f\.json:2: this is no JSON: /);
  assert.match(await failure('{\n"debug": true'), /^f\.json:2: this is no JSON: /);
  assert.equal(await failure('\n[]'), 'f.json:2: the file must hold one JSON object');
  assert.match(await failure('['.repeat(1_000_000)), /^f\.json:1: this is no JSON: /);
});
