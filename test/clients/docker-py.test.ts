/** docker-py, the Docker library of Python, with our daemon. Needs root, docker-registry and python3-docker. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { requireTools, succeed } from '../support/peers.ts';
import { randomImage } from '../support/random-image.ts';
import { openStage } from './stage.ts';

await requireTools(['python3']);
const stage = await openStage();
after(() => stage[Symbol.asyncDispose]());
const root = join(stage.directory, 'root.tar');
await writeFile(root, randomImage({ seed: 8 }).tars[0]!);

const script = new URL('docker_py.py', import.meta.url).pathname;
const { socket, repository, image } = stage;

const scenarios = {
  asks_who_is_there: 'it asks who is there, with the newest version and with the oldest',
  pulls: 'it pulls a tag with progress, and all tags',
  looks: 'it lists, inspects, reads the history and asks the registry',
  tags_and_pushes: 'it tags and pushes, and finds the error in the stream',
  saves_and_loads: 'it saves what it loads again after a removal',
  imports: 'it imports, counts what is on disk, and prunes',
  hears: 'it is told what happened',
  errs: 'it raises the right class for each error',
  logs_in: 'it checks credentials',
};

for (const [scenario, sentence] of Object.entries(scenarios)) {
  test(sentence, async () => {
    // Debian's own Python: another one on the PATH would not find Debian's library.
    await succeed('/usr/bin/python3', [
      ...[script, scenario, socket, repository, root],
      image.descriptors.manifest.digest,
    ]);
  });
}
