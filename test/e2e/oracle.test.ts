/**
 * One session with Debian's dockerd and with our daemon, by the same docker command, line by line: the rules of
 * removal, of pruning, of tags that move and of archives that are loaded are Docker's. Needs root and peers.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { docker, openGantryDaemon } from '../support/gantry.ts';
import { openDockerd, openRegistry, temporaryDirectory } from '../support/peers.ts';
import { publish } from '../support/publish.ts';
import { randomImage } from '../support/random-image.ts';

const stack = new AsyncDisposableStack();
after(() => stack.disposeAsync());
const { path: directory } = stack.use(await temporaryDirectory('oracle'));
const registry = stack.use(await openRegistry());
const one = randomImage({ seed: 1 });
for (const [tag, image] of [one, randomImage({ seed: 2 }), randomImage({ seed: 3 })].entries()) {
  await publish(registry.url, 'one', String(tag + 1), image);
}
const ours = stack.use(await openGantryDaemon({ dir: join(directory, 'ours') }));
const theirs = stack.use(await openDockerd({ dir: join(directory, 'theirs') }));

const r = `${registry.host}/one`;
const id = one.imageId;
const archive = join(directory, 'saved.tar');

/** What is typed. Nothing in it shows times, ids of a daemon's own making, or what Docker has worded anew since 20.10. */
const session: readonly string[] = [
  `pull -q ${r}:1`,
  `pull ${r}:1`,
  `pull -q ${r}:2`,
  `images --format {{.Repository}}:{{.Tag}}={{.ID}} --digests ${r}:1`,
  `inspect --format {{json .RepoTags}}{{json .RepoDigests}}{{json .RootFS}}{{json .Config.Cmd}}{{.Size}} ${r}:1`,
  `history --format {{.ID}}|{{.CreatedBy}}|{{.Size}} ${r}:1`,
  // Removal by name: the digests of a repository go with its last tag, the image with its last name.
  `tag ${r}:1 mine:1`,
  `tag ${r}:1 mine:2`,
  `rmi mine:1`,
  `rmi ${id}`,
  `rmi ${id.slice(7, 19)}`,
  `rmi mine:2`,
  `rmi ${r}@${one.descriptors.manifest.digest}`,
  `inspect --format {{json .RepoTags}}{{json .RepoDigests}} ${r}:1`,
  `rmi ${id}`,
  `rmi ${id}`,
  'rmi nope',
  'rmi -f nope',
  // By id, with one repository, with two, and by force.
  `pull -q ${r}:1`,
  `tag ${r}:1 elsewhere/x:1`,
  `rmi ${id}`,
  `rmi -f ${id}`,
  `pull -q ${r}:1`,
  `rmi ${r}:1 nope ${r}:2`,
  // A tag that moves leaves the image that had it without a name.
  `pull -q ${r}:1`,
  `pull -q ${r}:2`,
  `tag ${r}:1 mine`,
  `save -o ${archive} mine`,
  `tag ${r}:2 mine`,
  'inspect --format {{.Id}} mine',
  `rmi ${r}:1`,
  `load -i ${archive}`,
  'inspect --format {{.Id}} mine',
  `load -i ${archive}`,
  `rmi ${r}:2`,
  `images -q --no-trunc --filter dangling=true`,
  'image prune -f',
  // What prune takes: by default nothing that has a name; with -a names in their order; with filters their matches.
  `pull -q ${r}:3`,
  `tag ${r}:3 b:1`,
  `tag ${r}:3 a:1`,
  'image prune -f',
  'image prune -af --filter label=seed=9',
  'image prune -af --filter label!=seed=3',
  'image prune -af --filter until=2000-01-01T00:00:00Z',
  'image prune -af --filter label=seed=3',
  'image prune -af',
  'images -q',
  // What cannot be.
  'tag nope x',
  'tag nope BAD',
  'inspect nope',
  'history nope',
  'save nope',
  'save -o x.tar nope',
  `push ${registry.host}/no/ne`,
  `pull ${r}:nope`,
  `pull ${registry.host}/nowhere`,
  'pull BAD',
  'pull scratch',
  'images -f before=nope',
  'rmi busybox@sha256:aaaa',
  'import /nowhere.tar',
  'commit nope x',
  'logs nope',
  'rm nope',
  'ps -a',
  'volume ls',
  'volume rm nope',
  'volume inspect nope',
  'network rm nope',
  'network inspect nope',
  'plugin ls',
  'volume prune -f',
  'container prune -f',
];

for (const [line, typed] of session.entries()) {
  test(`${String(line + 1).padStart(2, '0')} docker ${typed}`, async () => {
    const words = typed.split(' ');
    const expected = await theirs.docker(words);
    assert.deepEqual(await docker(words, { host: ours.host }), expected);
  });
}
