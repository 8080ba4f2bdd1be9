import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { importTar, layerTars, openSession, type Session } from '../../test/support/command-session.ts';
import { completionScripts, shells } from './completion-scripts.ts';

/** The words that the session completes the last of these with. */
async function complete(session: Session, ...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await session.run(['__complete', ...words]);
  assert.deepEqual([code, stderr], [0, '']);
  return stdout.split('\n').flatMap((line) => line.split('\t')[0] || []);
}

test('commands complete, at the top, in groups and behind help; what is hidden does not', async (context) => {
  const session = await openSession(context);
  assert.deepEqual(await complete(session, 'pu'), ['pull', 'push']);
  assert.deepEqual(await complete(session, 'image', 'p'), ['prune', 'pull', 'push']);
  assert.deepEqual(await complete(session, 'help', 'ima'), ['image', 'images']);
  assert.deepEqual(await complete(session, '__'), []);
  assert.deepEqual(await complete(session, 'bogus', ''), []);
  const all = await complete(session, '');
  assert.deepEqual(all, [...all].sort());
  assert.ok(all.includes('completion') && all.includes('help'));
});

test('flags complete, of the program before the command and of the command behind it', async (context) => {
  const session = await openSession(context);
  assert.deepEqual(await complete(session, '--tlsv'), ['--tlsverify']);
  assert.deepEqual(await complete(session, '-H', 'tcp://x:1', 'images', '--no'), ['--no-trunc']);
  assert.deepEqual(await complete(session, 'image', 'ls', '--no'), ['--no-trunc']);
  assert.deepEqual(
    await complete(session, 'rmi', '--', '--f'),
    ['--help'].filter((each) => each === '--f'),
  );
  const { stdout } = await session.run(['__complete', 'images', '--dig']);
  assert.equal(stdout, '--digests\tShow digests\n');
});

test('the values of a flag complete when they are known, and are no arguments', async (context) => {
  const session = await openSession(context);
  assert.deepEqual(await complete(session, 'pull', '--progress', 'j'), ['json']);
  assert.deepEqual(await complete(session, 'pull', '--progress=p'), ['--progress=plain']);
  assert.deepEqual(await complete(session, 'images', '--format', ''), []);
  assert.deepEqual(await complete(session, 'images', '-af', ''), []);
  assert.deepEqual(await complete(session, 'completion', ''), [...shells]);
});

test('images complete by name, by id when one is begun, and no more of them than the command takes', async (context) => {
  const session = await openSession(context);
  const id = (await importTar(session, layerTars[0], 'team/app:v1')).slice('sha256:'.length);
  await importTar(session, layerTars[1]);
  assert.deepEqual(await complete(session, 'rmi', ''), ['team/app:v1']);
  assert.deepEqual(await complete(session, 'rmi', 'x', 'team/app:'), ['team/app:v1']);
  assert.deepEqual(await complete(session, 'history', id.slice(0, 5)), [id.slice(0, 12)]);
  assert.deepEqual(await complete(session, 'history', `sha256:${id.slice(0, 5)}`), [`sha256:${id}`]);
  assert.deepEqual(await complete(session, 'history', 'team/app:v1', ''), []);
});

test('without a daemon there is nothing to complete and nothing to complain about', async (context) => {
  const session = await openSession(context);
  const connect = () => Promise.reject(new Error('there is none'));
  assert.deepEqual(
    { ...(await session.run(['__complete', 'rmi', ''], { connect })), bytes: 0 },
    { code: 0, stdout: '', stderr: '', bytes: 0 },
  );
});

const hasShell = (shell: string) => spawnSync(shell, ['--version']).error === undefined;

test('each script is one that its shell can read', async (context) => {
  const session = await openSession(context);
  for (const shell of shells) {
    const { stdout } = await session.run(['completion', shell]);
    assert.equal(stdout, completionScripts[shell]);
    if (!hasShell(shell)) continue;
    const { status, stderr } = spawnSync(shell, ['-n'], { input: stdout, encoding: 'utf8' });
    assert.deepEqual([status, stderr], [0, ''], shell);
  }
  const unknown = await session.run(['completion', 'tcsh']);
  assert.deepEqual(
    [unknown.code, unknown.stderr],
    [1, 'there is no completion for "tcsh": give one of bash, zsh, fish\n'],
  );
});

test(
  'bash asks with the words of the line, and takes what is behind its own word breaks',
  {
    skip: hasShell('bash') ? false : 'there is no bash',
  },
  async (context) => {
    const { directory } = await openSession(context);
    const asked = path.join(directory, 'asked');
    const gantry = path.join(directory, 'gantry');
    await writeFile(path.join(directory, 'script'), completionScripts.bash);
    await writeFile(
      gantry,
      '#!/bin/sh\nprintf "%s|" "$@" > "$ASKED"\nprintf "team/app:v1\\nteam/app:v2\\tabout\\n--progress=json\\n"\n',
    );
    await chmod(gantry, 0o755);
    const driver = [
      'source "$1"; COMP_LINE=$2; COMP_POINT=$' + '{#2}; COMP_WORDS=($2)',
      `_gantry; printf '%s\\n' "$` + '{COMPREPLY[@]}"; complete -p gantry; cat "$ASKED"',
    ].join('\n');
    const type = (line: string) => {
      const { stdout, stderr } = spawnSync(
        'bash',
        ['--norc', '-c', driver, 'bash', path.join(directory, 'script'), line],
        { encoding: 'utf8', env: { PATH: `${directory}:${process.env['PATH'] ?? ''}`, ASKED: asked } },
      );
      assert.equal(stderr, '');
      return stdout.split('\n');
    };
    const registered = 'complete -o bashdefault -o default -F _gantry gantry';
    assert.deepEqual(type('gantry rmi team/app:v'), [
      ...['v1', 'v2', '--progress=json', registered],
      '__complete|rmi|team/app:v|',
    ]);
    assert.deepEqual(type('gantry pull --progress='), [
      ...['team/app:v1', 'team/app:v2', 'json', registered],
      '__complete|pull|--progress=|',
    ]);
    assert.deepEqual(type('gantry rmi ').at(-1), '__complete|rmi||');
  },
);
