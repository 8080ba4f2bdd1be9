/** dockerode, the Docker library of Node, with our daemon. Needs root and docker-registry. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import Docker from 'dockerode';
import { randomImage } from '../support/random-image.ts';
import { openStage } from './stage.ts';

const stage = await openStage();
after(() => stage[Symbol.asyncDispose]());
const { image, repository, socket, directory } = stage;
const docker = new Docker({ socketPath: socket });
const name = `${repository}:1`;
const archive = join(directory, 'saved.tar');
const began = Math.floor(Date.now() / 1000);

/** The lines of a progress stream, to its end. */
function follow(stream: NodeJS.ReadableStream): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error: Error | null, lines: Record<string, unknown>[]) => {
      if (error) reject(error);
      else resolve(lines);
    });
  });
}

const refused = (statusCode: number, reason: RegExp) => (error: { statusCode?: number; message: string }) => {
  assert.equal(error.statusCode, statusCode);
  assert.match(error.message, reason);
  return true;
};

test('it pings, and reads version and info', async () => {
  assert.equal(String(await docker.ping()), 'OK');
  const version = await docker.version();
  assert.equal(version.ApiVersion, '1.50');
  const info = (await docker.info()) as Record<string, unknown>;
  assert.deepEqual([info['OSType'], info['Images']], ['linux', 0]);
});

test('it pulls with progress', async () => {
  const lines = await follow(await docker.pull(name));
  assert.deepEqual(lines[0], { status: 'Pulling from one', id: '1' });
  assert.ok(lines.some(({ status }) => status === 'Pull complete'));
  assert.deepEqual(lines.at(-1), { status: `Status: Downloaded newer image for ${name}` });
});

test('it lists, inspects and reads the history', async () => {
  const list = await docker.listImages({ filters: { reference: [`${repository}*`] } });
  assert.deepEqual(
    list.map(({ Id, RepoTags }) => [Id, RepoTags]),
    [[image.imageId, [name]]],
  );
  assert.deepEqual(await docker.listImages({ filters: { dangling: ['true'] } }), []);
  const inspected = await docker.getImage(name).inspect();
  assert.deepEqual(inspected.RootFS.Layers, image.diffIds);
  const history = (await docker.getImage(name).history()) as { CreatedBy: string }[];
  assert.deepEqual(
    history.map(({ CreatedBy }) => CreatedBy),
    ['COPY layer-2 /', 'COPY layer-1 /', 'COPY layer-0 /'],
  );
});

test('it tags and pushes', async () => {
  await docker.getImage(name).tag({ repo: repository, tag: '2' });
  const lines = await follow(await docker.getImage(`${repository}:2`).push({ tag: '2' }));
  const { digest } = image.descriptors.manifest;
  assert.deepEqual(lines.at(-1)?.['aux'], { Tag: '2', Digest: digest, Size: image.manifest.length });
  const distribution = (await docker.getImage(`${repository}:2`).distribution()) as {
    Descriptor: { digest: string };
  };
  assert.equal(distribution.Descriptor.digest, digest);
});

test('it saves what it can load again after a removal', async () => {
  await writeFile(archive, await docker.getImage(name).get());
  const removed = (await docker.getImage(`${repository}:2`).remove()) as object[];
  assert.deepEqual(removed[0], { Untagged: `${repository}:2` });
  const gone = (await docker.getImage(name).remove()) as object[];
  assert.deepEqual(gone.filter((each) => 'Deleted' in each).slice(0, 1), [{ Deleted: image.imageId }]);
  const lines = await follow(await docker.loadImage(archive));
  assert.deepEqual(lines.at(-1), { stream: `Loaded image: ${name}\n` });
  assert.equal((await docker.getImage(name).inspect()).Id, image.imageId);
});

test('it imports a root file system', async () => {
  const file = join(directory, 'root.tar');
  await writeFile(file, randomImage({ seed: 8 }).tars[0]!);
  const lines = await follow(
    await docker.importImage(file, { repo: 'imported', tag: '1', changes: 'CMD ["sh"]' }),
  );
  const imported = await docker.getImage('imported:1').inspect();
  assert.equal(lines.at(-1)?.['status'], imported.Id);
  assert.deepEqual(imported.Config.Cmd, ['sh']);
  await docker.getImage('imported:1').remove({ force: true });
});

test('it prunes, and counts what is on disk', async () => {
  await docker.importImage(join(directory, 'root.tar')).then(follow);
  const usage = (await docker.df()) as { Images: { Size: number }[]; LayersSize: number };
  assert.equal(usage.Images.length, 2);
  assert.ok(usage.LayersSize > 0);
  const pruned = await docker.pruneImages({ filters: { dangling: { true: true } } });
  assert.equal(pruned.ImagesDeleted.length, 2);
  assert.ok(pruned.SpaceReclaimed > 0);
});

test('it is told what happened', async () => {
  const stream = await docker.getEvents({
    since: began,
    until: Math.floor(Date.now() / 1000) + 1,
    filters: { type: ['image'], event: ['pull', 'push'] },
  });
  const text = Buffer.concat(await Array.fromAsync(stream as AsyncIterable<Buffer>)).toString();
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { Action: string });
  assert.deepEqual(
    events.map(({ Action }) => Action),
    ['pull', 'push'],
  );
});

test('it knows each kind of error by its status', async () => {
  await assert.rejects(docker.getImage('nope').inspect(), refused(404, /No such image: nope:latest/));
  await assert.rejects(
    docker.getImage(name).tag({ repo: 'BAD' }),
    refused(400, /repository name \(library\/BAD\) must be lowercase/),
  );
  await docker.getImage(name).tag({ repo: 'other' });
  await assert.rejects(
    docker.getImage(image.imageId).remove(),
    refused(409, /\(must be forced\) - image is referenced in multiple repositories/),
  );
  await assert.rejects(docker.pull(`${repository}:nope`), refused(404, /manifest unknown/));
  await assert.rejects(docker.createContainer({ Image: name }), refused(501, /does not run containers/));
  assert.deepEqual(await docker.listContainers({ all: true }), []);
});

test('it checks credentials', async () => {
  const answer = (await docker.checkAuth({
    username: 'u',
    password: 'p',
    serveraddress: stage.registry.host,
  })) as { Status: string };
  assert.equal(answer.Status, 'Login Succeeded');
});

test('the archive is a tar that anyone reads', async () => {
  assert.equal((await readFile(archive)).subarray(257, 262).toString(), 'ustar');
});
