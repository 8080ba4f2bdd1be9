/**
 * Types what the README says, on a copy of the checkout, as a user who is not root and has nothing but the machine's
 * Node, npm and docker command. A block says in its info string how it is typed:
 *
 * - `sh up`: stays in the foreground of its own terminal until a block `alone`, the next block `up`, or the end;
 * - `sh check`: in a second terminal, while that one is up;
 * - `sh alone`: after what is up was ended with Ctrl-C;
 * - `sh`: not here (the tests do not run themselves).
 *
 * Two things are changed on the way: `busybox` becomes an image of a registry on this machine, for there may be no
 * internet, and `/tmp/gantry` a path of this test's own.
 */
import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRegistry, requireTools, temporaryDirectory } from '../support/peers.ts';
import { publish } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';
import { openDesk, type Terminal } from './desk.ts';

interface Block {
  readonly how: string;
  readonly text: string;
}

const root = join(import.meta.dirname, '../..');

async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(join(root, page), 'utf8');
  return [...text.matchAll(/^```sh(?: (\w+))?\n(.*?)^```$/gms)].map(([, how = '', text = '']) => ({
    how,
    text,
  }));
}

test('the README has the same commands in both languages, and each is typed in a known way', async () => {
  const blocks = await blocksOf('README.md');
  assert.ok(blocks.length > 0);
  assert.deepEqual(await blocksOf('README.zh-CN.md'), blocks);
  for (const { how } of blocks) assert.ok(['up', 'check', 'alone', ''].includes(how), how);
});

test('what the README says can be typed as it stands, without root', async () => {
  await requireTools(['docker', 'npm', 'setpriv']);
  await using registry = await openRegistry();
  await publish(registry.url, 'busybox', 'latest', randomImage());
  await using directory = await temporaryDirectory('readme');
  await using desk = await openDesk(directory.path, root);
  const image = `${registry.host}/busybox`;
  const here = (text: string): string =>
    text
      .replaceAll(/\bbusybox\b(?!\.tar)/g, image)
      .replaceAll(/\/tmp\/gantry\b(?!-)/g, join(directory.path, 'gantry'));

  let up: Terminal | undefined;
  for (const { how, text } of await blocksOf('README.md')) {
    if (how === '') continue;
    if (how !== 'check') await up?.interrupt();
    if (how === 'up') {
      up = await desk.openTerminal(here(text));
      if (text.includes('npm start')) {
        for (const line of printedCommands(up.printed())) await desk.type(here(line));
      }
      continue;
    }
    const printed = await desk.type(here(text));
    if (/ images$/m.test(text)) assert.match(printed, new RegExp(`^${image} `, 'm'));
  }
  await up?.interrupt();

  assert.ok((await stat(join(desk.checkout, 'busybox.tar'))).size > 0);
  assert.ok((await stat(join(desk.home, '.local/share/gantry/blobs'))).isDirectory());
  assert.ok((await stat(join(directory.path, 'gantry/blobs'))).isDirectory());
});

/** The indented command lines of what `npm start` prints, without what it says of them: what to type next. */
function printedCommands(printed: string): string[] {
  const lines = printed.matchAll(/^ {2,}((?:npx gantry|docker)(?: \S+)+)(?: {2,}.*)?$/gm);
  const commands = [...lines].map(([, command = '']) => command);
  assert.ok(
    commands.some((command) => command.startsWith('npx gantry ')),
    printed,
  );
  assert.ok(
    commands.some((command) => command.startsWith('docker -H unix://')),
    printed,
  );
  return commands;
}
