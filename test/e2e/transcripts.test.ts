/**
 * One session through the three doors, compared with the transcripts that are kept beside this file, and with each
 * other. `GANTRY_WRITE_TRANSCRIPTS=1` writes them anew: read the difference before you commit it. Needs root (layers
 * are unpacked) and peers.
 */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { doorNames, openDoor } from '../support/doors.ts';
import { openRegistry, requireTools, temporaryDirectory } from '../support/peers.ts';
import { publish, publishIndex } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';
import { session, type Stage } from './session.ts';

await requireTools(['docker', 'docker-registry']);

const one = randomImage({ seed: 1, layers: 3, fileSize: 200_000 });
const arm = randomImage({ seed: 2, platform: { os: 'linux', architecture: 'arm64' } });
const amd = randomImage({ seed: 3 });

/** The session through one door, as a text that is the same on every machine and at every time. */
async function play(doorName: (typeof doorNames)[number]): Promise<string> {
  await using source = await openRegistry();
  await using target = await openRegistry();
  await using guarded = await openRegistry({ auth: { user: 'ann', password: 'secret' } });
  await publish(source.url, 'e2e/one', '1', one);
  await publishIndex(source.url, 'e2e/multi', '1', [arm, amd]);
  await using scratch = await temporaryDirectory('e2e');
  await using door = await openDoor(doorName, join(scratch.path, 'door'));
  const stage: Stage = {
    source: source.host,
    target: target.host,
    guarded: guarded.host,
    directory: scratch.path,
    digest: one.descriptors.manifest.digest,
  };
  const text: string[] = [];
  for (const { words, input } of session(stage)) {
    const { code, stdout, stderr } = await door.run(words, input === undefined ? {} : { input });
    text.push(`$ ${words.join(' ')}${input === undefined ? '' : ` <<< ${JSON.stringify(input)}`}`);
    text.push(sameOrder(words, settle(stdout, stage)) + stderr);
    text.push(`[${code}]\n`);
  }
  return settle(text.join('\n'), stage);
}

/** Layers are fetched and sent at once, and names of one image sort by their ports: such lines come in any order. */
function sameOrder(words: readonly string[], output: string): string {
  if (words[1] === 'prune') return output.split('\n').sort().join('\n').trimStart();
  if (words[0] !== 'pull' && words[0] !== 'push') return output;
  const lines = output.split('\n');
  const isLayer = (line: string) => /^[0-9a-f]{12}: /.test(line);
  const first = lines.findIndex(isLayer);
  if (first < 0) return output;
  const last = lines.findLastIndex(isLayer);
  return [...lines.slice(0, first), ...lines.slice(first, last + 1).sort(), ...lines.slice(last + 1)].join(
    '\n',
  );
}

/** Takes out what differs between runs: ports, directories and the present time. */
function settle(text: string, { source, target, guarded, directory }: Stage): string {
  return (
    text
      .replaceAll(source, 'SOURCE')
      .replaceAll(target, 'TARGET')
      .replaceAll(guarded, 'GUARDED')
      .replaceAll(directory, 'DIRECTORY')
      .replaceAll(/\d+ (years|months) ago/g, 'N years ago')
      // Of layers that are refused at once, any may be the first.
      .replaceAll(/^(Head .*\/blobs\/sha256:)[0-9a-f]{64}/gm, '$1LAYER')
      .replaceAll(/[ \t]+$/gm, '')
  );
}

const transcripts = new Map<string, string>();

for (const doorName of doorNames) {
  test(`the session through ${doorName} is as its transcript says`, async () => {
    const file = new URL(`transcripts/${doorName.replaceAll(' ', '-')}.txt`, import.meta.url);
    const played = await play(doorName);
    transcripts.set(doorName, played);
    if (process.env['GANTRY_WRITE_TRANSCRIPTS'] !== undefined) await writeFile(file, played);
    assert.equal(played, await readFile(file, 'utf8'));
  });
}

test('with and without a daemon our command says the same', () => {
  assert.equal(transcripts.get('gantry alone'), transcripts.get('gantry with a daemon'));
});

test('our command says what the docker command says', () => {
  const ours = (transcripts.get('gantry with a daemon') ?? '').replaceAll('gantry', 'docker');
  assert.equal(ours, transcripts.get('docker'));
});
