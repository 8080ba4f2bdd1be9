import assert from 'node:assert/strict';
import { PassThrough, Readable, Writable } from 'node:stream';
import { test } from 'node:test';
import { randomImage } from '../../test/support/random-image.ts';
import { store } from '../../test/support/test-engine.ts';
import { layerTars, openSession, type Session } from '../../test/support/command-session.ts';
import { showProgress } from './progress.ts';
import type { CommandIO } from './terminal.ts';

const image = randomImage({ seed: 3, layers: 2 });

async function withImage(session: Session): Promise<void> {
  await store(session.api.registry('docker.io'), 'library/one', 'latest', image);
}

function parseLines(text: string): Record<string, unknown>[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const keys = ['id', 'status', 'stream', 'current', 'total', 'units', 'aux'];

test('json prints nothing but messages, a line each, with known keys in their order, on a terminal too', async (context) => {
  const session = await openSession(context);
  await withImage(session);
  for (const terminal of [false, true]) {
    const { code, stdout, stderr } = await session.run(['pull', '--progress=json', 'one'], { terminal });
    assert.deepEqual([code, stderr], [0, '']);
    const lines = parseLines(stdout);
    for (const line of lines) {
      assert.deepEqual(
        Object.keys(line),
        keys.filter((key) => key in line),
      );
    }
    assert.partialDeepStrictEqual(lines[0], { id: 'latest', status: 'Pulling from library/one' });
    assert.match(String(lines.at(-1)?.['status']), /^Status: /);
  }
  const archive = (await session.run(['save', 'one'])).bytes;
  const loaded = await session.run(['load', '--progress=json'], { stdin: archive });
  assert.deepEqual(parseLines(loaded.stdout).at(-1), { stream: 'Loaded image: one:latest\n' });
});

test('json leaves an error to the standard error output and the exit code', async (context) => {
  const session = await openSession(context);
  const { code, stdout, stderr } = await session.run(['pull', '--progress', 'json', 'nope']);
  assert.equal(code, 1);
  assert.notEqual(stderr, '');
  assert.doesNotMatch(stdout, /error/i);
});

test('plain never moves the cursor, and prints on a terminal what it prints into a pipe', async (context) => {
  const session = await openSession(context);
  await withImage(session);
  const argv = ['pull', '--progress=plain', 'one'];
  await session.run(argv);
  const [piped, shown] = [await session.run(argv), await session.run(argv, { terminal: true })];
  assert.doesNotMatch(shown.stdout, /[\x1b\r]/);
  assert.deepEqual(shown.stdout, piped.stdout);
  assert.deepEqual((await session.run(['pull', 'one'])).stdout, piped.stdout);
});

/** What `auto` shows of a download whose messages come a second apart. */
async function showDownload(stdout: { isTTY: boolean }, env: CommandIO['env']): Promise<string> {
  const detail = (current: number) => ({
    id: 'a',
    status: 'Downloading',
    progressDetail: { current, total: 9 },
  });
  let [time, text] = [0, ''];
  const write = (chunk: Buffer, _: unknown, done: () => void) => {
    text += String(chunk);
    done();
  };
  const sink = Object.assign(new Writable({ write }), stdout);
  const io = { stdout: sink, stderr: new PassThrough(), stdin: new PassThrough(), env, cwd: '/' };
  await showProgress(io, Readable.from([detail(1), detail(2), { status: 'Done' }]), {
    now: () => (time += 1000),
  });
  return text;
}

test('auto changes lines in place on a terminal that can, and nowhere else; it has no colours', async () => {
  for (const env of [{ TERM: 'xterm' }, { TERM: 'xterm', NO_COLOR: '1' }]) {
    const terminal = await showDownload({ isTTY: true }, env);
    assert.match(terminal, /\x1b\[\d+A\x1b\[J/);
    assert.doesNotMatch(terminal, /\x1b\[[\d;]*m/);
  }
  for (const [isTTY, TERM] of [
    [false, 'xterm'],
    [true, 'dumb'],
  ] as const) {
    assert.equal(await showDownload({ isTTY }, { TERM }), 'Done\n');
  }
});

test('quiet is the same as -q, and import still tells what it made', async (context) => {
  const session = await openSession(context);
  await withImage(session);
  for (const flag of ['--progress=quiet', '-q']) {
    assert.equal((await session.run(['pull', flag, 'one'])).stdout, 'docker.io/library/one:latest\n');
  }
  const both = await session.run(['pull', '-q', '--progress=json', 'one']);
  assert.equal(both.stdout, 'docker.io/library/one:latest\n');
  const made = await session.run(['import', '--progress=quiet', '-', 'made'], { stdin: layerTars[0] ?? '' });
  assert.match(made.stdout, /^sha256:[0-9a-f]{64}\n$/);
});

test('a mode that there is not is a mistake in the flags', async (context) => {
  const session = await openSession(context);
  const { code, stderr } = await session.run(['push', '--progress=fancy', 'one']);
  assert.equal(code, 125);
  assert.match(
    stderr,
    /^invalid argument "fancy" for "--progress" flag: give one of auto, plain, json, quiet\n/,
  );
});
