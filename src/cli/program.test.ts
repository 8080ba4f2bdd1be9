import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GantryError } from '#errors';
import { defineCommand, type Command, type Program } from './index.ts';
import { runInMemory, runSample } from './sample.suite.ts';

test('a command is found in its group, by its aliases and by its name at the top', async () => {
  for (const words of [['images'], ['image', 'ls'], ['image', 'list']]) {
    const { code, calls } = await runSample('gantry', [...words, '-aq', 'busybox', '--filter', 'label=x']);
    assert.equal(code, 0);
    assert.deepEqual(
      calls.map(({ name, args }) => [name, args]),
      [['ls', ['busybox']]],
    );
    assert.partialDeepStrictEqual(calls[0]?.flags, {
      all: true,
      quiet: true,
      noTrunc: false,
      filter: { label: ['x'] },
    });
  }
});

test('flags before the command belong to the program, flags behind the image of run to the container', async () => {
  const { calls } = await runSample('gantry', [
    '-D',
    '-H',
    'unix:///x',
    'run',
    '--rm',
    '-h',
    'web',
    'busybox',
    'ls',
    '-l',
  ]);
  assert.partialDeepStrictEqual(calls[0], {
    args: ['busybox', 'ls', '-l'],
    flags: { rm: true, hostname: 'web' },
    globals: { debug: true, host: ['unix:///x'], logLevel: 'info' },
  });
});

test('an unknown flag is told with the usage, and nothing runs', async () => {
  const { code, stdout, stderr, calls } = await runSample('gantry', ['images', '--bogus']);
  assert.equal(code, 125);
  assert.equal(stdout, '');
  assert.equal(
    stderr,
    `unknown flag: --bogus

Usage:  gantry images [OPTIONS] [REPOSITORY[:TAG]]

Run 'gantry images --help' for more information
`,
  );
  assert.deepEqual(calls, []);
});

test('a wrong number of arguments is told with the usage', async () => {
  const { code, stderr } = await runSample('gantry', ['tag', 'a']);
  assert.equal(code, 1);
  assert.equal(
    stderr,
    `gantry: 'gantry tag' requires 2 arguments

Usage:  gantry tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]

Run 'gantry tag --help' for more information
`,
  );
  assert.match(
    (await runSample('gantry', ['images', 'a', 'b'])).stderr,
    /requires at most 1 argument\n.*\n.*\n\nRun '/,
  );
  assert.match(
    (await runSample('gantry', ['commit'])).stderr,
    /requires at least 1 and at most 2 arguments\n/,
  );
});

test('near words are suggested for commands and flags', async () => {
  assert.match(
    (await runSample('gantry', ['imges'])).stderr,
    /^gantry: unknown command: gantry imges\n\nDid you mean 'gantry images'\?\n\nRun/,
  );
  assert.match(
    (await runSample('gantry', ['image', 'lst'])).stderr,
    /\n\nDid you mean 'gantry image ls'\?\n\nUsage: {2}gantry image\n/,
  );
  assert.match(
    (await runSample('gantry', ['images', '--formt=x'])).stderr,
    /\n\nDid you mean '--format'\?\n\nUsage/,
  );
  assert.doesNotMatch((await runSample('gantry', ['zzzzzz'])).stderr, /Did you mean/);
});

test('help names the commands, and goes to stderr only where nothing was asked', async () => {
  const asked = await runSample('gantry', ['--help']);
  assert.equal(asked.code, 0);
  assert.match(asked.stdout, /^Usage: {2}gantry \[OPTIONS\] COMMAND\n/);
  assert.match(asked.stdout, /\nCommon Commands:\n {2}images {6}List images\n\n/);
  assert.match(
    asked.stdout,
    /\nManagement Commands:\n {2}container {3}Manage containers\n {2}image {7}Manage images\n/,
  );
  assert.match(asked.stdout, /\nGlobal Options:\n {6}--config string/);
  assert.deepEqual(await runSample('gantry', ['help']), asked);
  const bare = await runSample('gantry', []);
  assert.deepEqual([bare.code, bare.stdout, bare.stderr], [0, '', asked.stdout]);
  const group = await runSample('gantry', ['image']);
  assert.equal(group.stdout, '');
  assert.equal(
    group.stderr,
    `Usage:  gantry image COMMAND

Manage images

Commands:
  history     Show the history of an image
  ls          List images
  rm          Remove one or more images
  tag         Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE

Run 'gantry image COMMAND --help' for more information on a command.
`,
  );
  assert.equal((await runSample('gantry', ['help', 'image'])).stdout, group.stderr);
});

test('the help of a command wraps its options and names its aliases', async () => {
  const { stdout } = await runSample('gantry', ['rmi', '--help']);
  assert.equal(
    stdout,
    `Usage:  gantry rmi [OPTIONS] IMAGE [IMAGE...]

Remove one or more images

Aliases:
  gantry image rm, gantry image remove, gantry rmi

Options:
  -f, --force              Force removal of the image
      --no-prune           Do not delete untagged parents
      --platform strings   Remove only the given platform variant.
                           Formatted as "os[/arch[/variant]]" (e.g.,
                           "linux/amd64")
`,
  );
});

test('the version is printed', async () => {
  assert.equal((await runSample('gantry', ['-v'])).stdout, 'gantry version 1\n');
});

function programOf(run: Command['run']): Program {
  const command = defineCommand({
    name: 'do',
    usage: '',
    short: 'Do it',
    examples: ['do'],
    flags: {},
    arity: { min: 0, max: 0 },
    run,
  });
  return { name: 'gantry', short: 'It does', version: '1', groups: [], commands: [command] };
}

test('an exit code is passed on, and an error of a command is printed as it is', async () => {
  assert.equal(
    (
      await runInMemory(
        programOf(async () => 3),
        ['do'],
      )
    ).code,
    3,
  );
  const failing = programOf(async () => {
    const cause = new GantryError('not-found', 'no-image', 'No such image: x:latest');
    throw new Error('outer', { cause });
  });
  const { code, stderr } = await runInMemory(failing, ['do']);
  assert.deepEqual([code, stderr], [1, 'No such image: x:latest\n']);
});

test('an interrupted command says nothing and ends with 130', async () => {
  const aborting = programOf(async () => {
    throw AbortSignal.abort().reason as Error;
  });
  const { code, stderr } = await runInMemory(aborting, ['do']);
  assert.deepEqual([code, stderr], [130, '']);
});

test('examples stand in the help, and a command without options has none', async () => {
  const { stdout } = await runInMemory(
    programOf(async () => undefined),
    ['do', '--help'],
  );
  assert.equal(stdout, 'Usage:  gantry do\n\nDo it\n\nExamples:\n  gantry do\n');
});
