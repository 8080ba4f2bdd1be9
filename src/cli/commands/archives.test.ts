import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { test } from 'node:test';
import { randomImage } from '../../../test/support/random-image.ts';
import { store } from '../../../test/support/test-engine.ts';
import { connectTo, openSession, type Session } from '../../../test/support/command-session.ts';

const image = randomImage({ seed: 1, layers: 1 });
const tar = image.tars[0] ?? new Uint8Array();

async function withImage(session: Session): Promise<void> {
  await store(session.api.registry('docker.io'), 'library/one', '1', image);
  assert.equal((await session.run(['pull', '-q', 'one:1'])).code, 0);
}

test('what save writes, to a file or to the output, load reads', async (context) => {
  const session = await openSession(context);
  await withImage(session);
  assert.deepEqual(
    { ...(await session.run(['save', '-o', 'one.tar', 'one:1'])), bytes: 0 },
    { code: 0, stdout: '', stderr: '', bytes: 0 },
  );
  const file = path.join(session.directory, 'one.tar');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const { code, bytes } = await session.run(['image', 'save', 'one:1']);
  assert.equal(code, 0);
  assert.deepEqual(bytes, await readFile(file));
  await session.run(['rmi', 'one:1']);
  for (const argv of [['load', '-i', 'one.tar'], ['image', 'load', '-q', '-i', 'one.tar'], ['load']]) {
    const { stdout, stderr, code } = await session.run(argv, argv.length === 1 ? { stdin: bytes } : {});
    assert.deepEqual({ stdout, stderr, code }, { stdout: 'Loaded image: one:1\n', stderr: '', code: 0 });
  }
});

test('a save that fails leaves the file as it was, and nothing beside it', async (context) => {
  const session = await openSession(context);
  const file = path.join(session.directory, 'old.tar');
  await writeFile(file, 'old');
  for (const output of ['old.tar', 'new.tar']) {
    const { code, stderr } = await session.run(['save', '--output', output, 'nope']);
    assert.deepEqual([code, stderr], [1, 'Error response from daemon: No such image: nope\n']);
  }
  assert.deepEqual(await readdir(session.directory), ['old.tar']);
  assert.equal(await readFile(file, 'utf8'), 'old');
});

test('a save that breaks off leaves nothing', async (context) => {
  const session = await openSession(context);
  const server = createServer((request, response) => {
    response.setHeader('Api-Version', '1.50');
    if (request.url === '/_ping') response.end();
    else response.write('half', () => response.destroy());
  });
  const connect = () => connectTo(server);
  const { code, stderr } = await session.run(['save', '-o', 'half.tar', 'one'], { connect });
  assert.equal(code, 1);
  assert.match(stderr, /^error during connect: GET inside\/v1.50\/images\/get\?names=one: /);
  assert.deepEqual(await readdir(session.directory), []);
});

test('a daemon too old for a flag is not asked without it', async (context) => {
  const session = await openSession(context);
  const connect = () => connectTo(session.api.server, { apiVersion: '1.41' });
  const floors: Record<string, string[]> = {
    '1.46': ['push', 'one'],
    '1.48': ['save', '-o', 'one.tar', 'one'],
    '1.49': ['image', 'inspect', 'one'],
    '1.50': ['rmi', 'one'],
  };
  for (const [version, argv] of Object.entries(floors)) {
    const { code, stderr } = await session.run([...argv, '--platform=linux/amd64'], { connect });
    const message = `"--platform" requires API version ${version}, but the Docker daemon API version is 1.41\n`;
    assert.deepEqual([code, stderr], [1, message]);
  }
});

test('save refuses what it must not write to, before it asks the daemon', async (context) => {
  const session = await openSession(context);
  const place = (name: string) => path.join(session.directory, name);
  await mkdir(place('directory'));
  await symlink('elsewhere', place('link'));
  const connect = () => Promise.reject(new Error('asked'));
  const refusals: Record<string, string> = {
    directory: 'cannot write to a directory',
    link: 'cannot write to a symbolic link directly',
    '/dev/null': 'cannot write to a character device file',
    'no/where': 'invalid output path: stat no: no such file or directory',
  };
  for (const [output, why] of Object.entries(refusals)) {
    const { code, stderr } = await session.run(['save', '-o', output, 'one'], { connect });
    assert.deepEqual([code, stderr], [1, `failed to save image: ${why}\n`]);
  }
  assert.equal(
    (await session.run(['save', 'one'], { terminal: true, connect })).stderr,
    'cowardly refusing to save to a terminal. Use the -o flag or redirect\n',
  );
  assert.equal(
    (await session.run(['save', '--platform', 'bogus', 'one'], { connect })).stderr,
    'invalid platform: "bogus": unknown operating system or architecture: invalid argument\n',
  );
});

test('load says what is wrong with its input', async (context) => {
  const session = await openSession(context);
  await mkdir(path.join(session.directory, 'directory'));
  await writeFile(path.join(session.directory, 'file'), 'text');
  const complaint = async (...argv: string[]) => (await session.run(['load', ...argv])).stderr;
  assert.equal(await complaint('-i', 'missing'), 'open missing: no such file or directory\n');
  assert.equal(await complaint('-i', 'file/x'), 'open file/x: not a directory\n');
  assert.match(await complaint('-i', 'directory'), /^the archive holds no image: /);
  assert.match(await complaint('-i', 'file'), /^the tar archive ends at byte 4 within an entry/);
  const { code, stderr } = await session.run(['load'], { terminal: true });
  assert.deepEqual([code, stderr], [1, 'requested load from stdin, but stdin is empty\n']);
});

test('import prints the id, from a file as from the input', async (context) => {
  const session = await openSession(context);
  await writeFile(path.join(session.directory, 'root.tar'), tar);
  const change = ['-c', 'CMD ["/a"]', '--change=ENV a=b', '-m', 'made <by> hand'];
  const sources: [string, string][] = [
    ['root.tar', 'team/base:1'],
    ['-', 'base'],
  ];
  for (const [source, name] of sources) {
    const { code, stdout } = await session.run(['import', ...change, source, name], { stdin: tar });
    assert.equal(code, 0);
    assert.match(stdout, /^sha256:[0-9a-f]{64}\n$/);
    const format = '{{.Id}} {{.Config.Cmd}} {{.Config.Env}} {{.Comment}}';
    assert.equal(
      (await session.run(['inspect', '--format', format, name])).stdout,
      `${stdout.trim()} [/a] [a=b] made <by> hand\n`,
    );
  }
});

test('import says what is wrong with its words', async (context) => {
  const session = await openSession(context);
  await writeFile(path.join(session.directory, 'root.tar'), tar);
  await writeFile(path.join(session.directory, 'closed.tar'), tar);
  await chmod(path.join(session.directory, 'closed.tar'), 0);
  const complaint = async (...argv: string[]) => (await session.run(['import', ...argv])).stderr;
  assert.equal(await complaint('missing.tar'), 'open missing.tar: no such file or directory\n');
  assert.equal(
    await complaint('root.tar', 'BAD'),
    'invalid reference format: repository name (library/BAD) must be lowercase\n',
  );
  assert.equal(
    await complaint('-c', 'RUN x', 'root.tar'),
    'Error response from daemon: RUN is not a valid change command\n',
  );
  assert.match(
    await complaint('http://127.0.0.1:1/root.tar'),
    /^Error response from daemon: Get "http:\/\/127.0.0.1:1\/root.tar": /,
  );
  if (process.getuid?.() !== 0) {
    assert.equal(await complaint('closed.tar'), 'open closed.tar: permission denied\n');
  }
});
