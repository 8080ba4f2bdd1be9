import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { gantryProgram, runProgram } from '#cli';
import { temporaryDirectory } from '../../../test/support/peers.ts';
import { mirrorConfigCommand } from './mirror-config.ts';

/** Runs `gantry mirror config` with these words. */
async function run(
  cwd: string,
  ...words: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const group = { name: 'mirror', short: 'Look after a mirror', commands: [mirrorConfigCommand] };
  const code = await runProgram(gantryProgram('1.2.3', { groups: [group] }), ['mirror', 'config', ...words], {
    io: { stdout, stderr, stdin: new PassThrough(), env: {}, cwd },
    signal: new AbortController().signal,
    connect: () => Promise.reject(new Error('no daemon is needed')),
  });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

test('one file is printed ready to paste, and where it belongs beside it', async () => {
  const { code, stdout, stderr } = await run('/', '--url', 'https://m.example', 'docker');
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), { 'registry-mirrors': ['https://m.example'] });
  assert.equal(stderr, '/etc/docker/daemon.json:\n');
});

test('the domains come from the mirror’s own file and from flags, and several files are told apart', async () => {
  await using home = await temporaryDirectory('mirror');
  await writeFile(join(home.path, 'mirror.json'), '{"upstreams":[{"domain":"ghcr.io"}]}');
  const { code, stdout } = await run(
    ...([home.path, '--mirror-file', 'mirror.json', '--upstream', 'quay.io', 'containerd'] as const),
  );
  assert.equal(code, 0);
  const names = [...stdout.matchAll(/^# \/etc\/containerd\/certs\.d\/(.*)\/hosts\.toml$/gm)].map(
    ([, name]) => name,
  );
  assert.deepEqual(names, ['ghcr.io', 'quay.io']);
});

test('a client that nobody knows, and a file that is no JSON, are errors in words', async () => {
  await using home = await temporaryDirectory('mirror');
  await writeFile(join(home.path, 'mirror.json'), '{');
  const unknown = await run(home.path, 'rkt');
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /docker, containerd, podman, buildkit/);
  const broken = await run(home.path, '--mirror-file', 'mirror.json', 'docker');
  assert.match(broken.stderr, /is no JSON/);
});
