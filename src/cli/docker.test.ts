import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { runSample } from './sample.suite.ts';

// The same words given to docker and to the sample, which describes a piece of it.
const missing = spawnSync('docker', ['--version']).error !== undefined;
const skip = missing ? 'there is no docker command on the PATH' : false;

const lines = [
  ...[
    'images --help',
    'image ls --help',
    'rmi --help',
    'image remove --help',
    'history --help',
    'tag --help',
  ],
  ...[
    'cp --help',
    'container commit --help',
    'ps --help',
    'container list --help',
    'help images',
    'images --help --all',
  ],
  ...[
    'images --bogus',
    'image ls --bogus=x',
    'images -z',
    'images -aqz',
    'images --format',
    'images -f',
    'images -af',
  ],
  ...[
    'images --all=x',
    'images -a=x',
    'images ---a',
    'images --=a',
    'images --filter a',
    'images --bogus --help',
  ],
  ...['ps --last=abc', 'ps -n abc', 'ps -n 1.5', 'ps --last 99999999999999999999', 'ps -n=0x1z', 'ps a'],
  ...[
    'history',
    'history a b',
    'history --human=f',
    'tag a',
    'tag a b c',
    'image tag',
    'cp a',
    'rmi',
    'image rm',
    'commit',
  ],
  ...[
    'run',
    'run --rm',
    'run -e',
    'run --memory 5z a',
    'run -m=-1 a',
    'run --memory x a',
    'run --rm=maybe a',
  ],
  ...['image --bogus', 'container -z', '--bogus', '-z images', '--log-level', '-H', '--host'],
  ...['zzzzzzzz', 'image zzzzzzzz', '--tls=x images'],
];

test('docker prints the same help and the same complaints, with the same exit code', { skip }, async () => {
  for (const line of lines) {
    const argv = line.split(' ');
    const { status, stdout, stderr } = spawnSync('docker', argv, { encoding: 'utf8' });
    const { code, ...ours } = await runSample('docker', argv);
    assert.deepEqual(
      { code, stdout: ours.stdout, stderr: ours.stderr },
      { code: status, stdout, stderr },
      line,
    );
  }
});
