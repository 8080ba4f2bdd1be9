/**
 * The docker command of today with our daemon: what it prints, in the words of Docker 28.2.2, and how it ends.
 * docs/compatibility.md has what differs, and why. Needs root and peers; lines that only newer commands know are
 * typed where the command is new enough.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { digestOf } from '#oci';
import { docker, openGantryDaemon } from '../support/gantry.ts';
import { openRegistry, requireTools, temporaryDirectory } from '../support/peers.ts';
import { randomImage } from '../support/random-image.ts';

await requireTools(['docker', 'docker-registry']);
const stack = new AsyncDisposableStack();
after(() => stack.disposeAsync());
const { path: directory } = stack.use(await temporaryDirectory('session'));
const registry = stack.use(await openRegistry());
const daemon = stack.use(await openGantryDaemon({ dir: join(directory, 'daemon') }));
const env = { DOCKER_CONFIG: join(directory, 'config') };
const type = (words: readonly string[], input?: Uint8Array) =>
  docker(words, { host: daemon.host, env, cwd: directory, input });

const { stdout: client } = await type(['version', '--format', '{{.Client.Version}}']);
const isNew = Number.parseInt(client, 10) >= 28;

const { tars, diffIds } = randomImage({ seed: 5, layers: 1, fileSize: 100_000 });
const layer = diffIds[0]?.slice(7, 19) ?? '';
const blob = digestOf(gzipSync(tars[0]!)).slice(7, 19);
const bb = `${registry.host}/t/bb`;
const sha = /sha256:[0-9a-f]{64}/;

/** A line: what is typed, what is printed to both outputs together, how it ends; `new`: since docker 28. */
interface Line {
  readonly words: string;
  readonly says: string | RegExp;
  readonly code?: number;
  readonly input?: Uint8Array;
  readonly new?: true;
}

const line = (words: string, says: string | RegExp, more: Omit<Line, 'words' | 'says'> = {}): Line => ({
  words,
  says,
  ...more,
});
const fails = (words: string, says: string | RegExp, more: Omit<Line, 'words' | 'says'> = {}): Line =>
  line(words, says, { code: 1, ...more });
const daemonSays = (text: string) => `Error response from daemon: ${text}\n`;
const pushed = (tag: string, state: string) =>
  new RegExp(
    `^The push refers to repository \\[${bb}\\]\n${layer}: Preparing\n${layer}: ${state}\n${tag}: digest: ${sha.source} size: \\d+\n$`,
  );
const narrow =
  / Info -> Using --platform pushes only the specified platform manifest of a multi-platform image index\./;
const otherPlatform = (name: string) =>
  `image with reference ${name} was found but its platform (linux/amd64) does not match the specified platform (linux/arm64)`;

const seeding: readonly Line[] = [
  line('images', /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n$/),
  line('import - busybox', new RegExp(`^${sha.source}\n$`), { input: tars[0]! }),
  line('images', /^REPOSITORY .*\nbusybox +latest +[0-9a-f]{12} +.* ago +100kB\n$/),
  line('images --digests', /^REPOSITORY +TAG +DIGEST +IMAGE ID .*\nbusybox +latest +<none> +[0-9a-f]{12} /),
  line(
    'images --tree',
    /^WARNING: This is an experimental feature.*\nbusybox:latest +[0-9a-f]{12} +100kB +1\d\dkB *\n└─ linux\/amd64 +[0-9a-f]{12} +2\d\dkB +1\d\dkB *\n\n?$/s,
    { new: true },
  ),
  line('images -f reference=b*', /\nbusybox +latest /),
  fails('images -f bogus=1', daemonSays("invalid filter 'bogus'")),
  fails('images -f dangling=maybe', daemonSays("invalid filter 'dangling=[maybe]'")),
  line('history -q --no-trunc busybox', new RegExp(`^${sha.source}\n$`)),
  line(
    'import -m told -c WORKDIR=/w - extra:1',
    /^Error response from daemon: WORKDIR=\/W is not a valid change command\n$/i,
    {
      input: tars[0]!,
      code: 1,
    },
  ),
  line('import -m told --platform linux/arm64 - extra:1', new RegExp(`^${sha.source}\n$`), {
    input: tars[0]!,
  }),
  line('inspect -f {{.Comment}}/{{.Architecture}} extra:1', 'told/arm64\n'),
  line('rmi --no-prune extra:1', /^Untagged: extra:1\nDeleted: sha256:/),
  line('history busybox', /^IMAGE .*\n[0-9a-f]{12} +.* ago +100kB +Imported from -\n$/),
];

const transfers: readonly Line[] = [
  line(`tag busybox ${bb}:1`, ''),
  line(`push ${bb}:1`, pushed('1', 'Pushed')),
  line(`push ${bb}:1`, pushed('1', 'Layer already exists')),
  line(`tag busybox ${bb}:2`, ''),
  line(
    `push -a ${bb}`,
    /^The push refers to repository \[[^\]]*\]\n.*1: digest: sha256:\w+ size: \d+\n.*2: digest: sha256:\w+ size: \d+\n$/s,
  ),
  fails(`push --platform linux/arm64 ${bb}:1`, new RegExp(`${escape(otherPlatform(`${bb}:1`))}\n$`), {
    new: true,
  }),
  line(`push --platform linux/amd64 ${bb}:1`, narrow, { new: true }),
  fails('push busybox@sha256:aaaa', 'invalid reference format\n'),
  fails(
    `push ${registry.host}/no/ne`,
    `Using default tag: latest\nThe push refers to repository [${registry.host}/no/ne]\nAn image does not exist locally with the tag: ${registry.host}/no/ne\n`,
  ),
  fails(`push ${bb}:zz`, `The push refers to repository [${bb}]\ntag does not exist: ${bb}:zz\n`),
  line(`rmi ${bb}:1`, `Untagged: ${bb}:1\n`),
  line(`rmi ${bb}:2`, new RegExp(`^Untagged: ${bb}:2\nUntagged: ${bb}@${sha.source}\n$`)),
  line(
    `pull ${bb}:1`,
    new RegExp(
      `^1: Pulling from t/bb\nDigest: ${sha.source}\nStatus: Downloaded newer image for ${bb}:1\n${bb}:1\n$`,
    ),
  ),
  line(`pull ${bb}:1`, new RegExp(`\nStatus: Image is up to date for ${bb}:1\n${bb}:1\n$`)),
  line(`pull -a ${bb}`, new RegExp(`\nStatus: Downloaded newer image for ${bb}\n${bb}\n$`)),
  fails(
    `pull ${bb}:nope`,
    daemonSays(`manifest for ${bb}:nope not found: manifest unknown: manifest unknown`),
  ),
  fails(
    `pull ${registry.host}/t/nope`,
    `Using default tag: latest\n${daemonSays(`manifest for ${registry.host}/t/nope:latest not found: manifest unknown: manifest unknown`)}`,
  ),
  line(`pull --platform linux/arm64 ${bb}:1`, new RegExp(`\nWARNING: ${escape(otherPlatform(`${bb}:1`))}\n`)),
  fails(
    `pull --platform foo ${bb}:1`,
    daemonSays('"foo": unknown operating system or architecture: invalid argument'),
  ),
  fails('pull scratch', `Using default tag: latest\n${daemonSays("'scratch' is a reserved name")}`),
  fails(
    'pull 127.0.0.1:1/x',
    `Using default tag: latest\n${daemonSays('Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused')}`,
  ),
];

const archives: readonly Line[] = [
  fails('image inspect --platform linux/arm64 busybox', `[]\n${daemonSays(otherPlatform('busybox'))}`, {
    new: true,
  }),
  fails('history --platform linux/arm64 busybox', daemonSays(otherPlatform('busybox')), { new: true }),
  fails(
    'save --platform linux/arm64 -o x.tar busybox',
    daemonSays('no suitable export target found for platform linux/arm64'),
    { new: true },
  ),
  line(`save -o s.tar busybox ${bb}:1`, ''),
  line('load -i s.tar', new RegExp(`^Loaded image: busybox:latest\nLoaded image: ${bb}:1\n$`)),
  line('load -q -i s.tar', new RegExp(`^Loaded image: busybox:latest\nLoaded image: ${bb}:1\n$`)),
];

const missing: readonly Line[] = [
  fails('image inspect nope', `[]\n${daemonSays('No such image: nope:latest')}`),
  fails('inspect nope', /^\[\]\n[Ee]rror: [Nn]o such object: nope\n$/),
  fails('tag nope x', daemonSays('No such image: nope:latest')),
  fails('save -o x.tar nope', daemonSays('No such image: nope')),
  fails('history nope', daemonSays('No such image: nope:latest')),
  fails('rmi nope', daemonSays('No such image: nope:latest')),
  line('rmi -f nope', daemonSays('No such image: nope:latest')),
  fails('rmi --platform linux/amd64 foo', daemonSays('No such image: foo:latest'), { new: true }),
  fails('commit nope x', daemonSays('No such container: nope')),
];

const removals: readonly Line[] = [
  line('rmi busybox', 'Untagged: busybox:latest\n'),
  line('rmi -f busybox', daemonSays('No such image: busybox:latest')),
  line(`tag ${bb}:1 busybox`, ''),
  line(
    `rmi ${bb}:1 ${bb}:2 busybox`,
    new RegExp(
      `^Untagged: ${bb}:1\nUntagged: ${bb}:2\nUntagged: ${bb}@${sha.source}\nUntagged: busybox:latest\nDeleted: ${sha.source}\nDeleted: ${diffIds[0]}\n$`,
    ),
  ),
  line(
    `pull ${bb}:1`,
    new RegExp(
      `^1: Pulling from t/bb\n(?:${blob}|[0-9a-f]{12}): Pulling fs layer\n(?:.*\n)*[0-9a-f]{12}: Pull complete\nDigest: `,
    ),
  ),
  line(`tag ${bb}:1 kept:1`, ''),
  line('image prune -f', 'Total reclaimed space: 0B\n'),
  line('image prune -af --filter label=nope', 'Total reclaimed space: 0B\n'),
  line(
    'system df',
    /^TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE\nImages +1 +0 +100kB +100kB \(100%\)\nContainers +0 .*\nLocal Volumes +0 .*\nBuild Cache +0 /,
  ),
  line(
    'system df -v',
    /^Images space usage:\n\nREPOSITORY .*\n.*Containers space usage:\n.*Local Volumes space usage:\n.*Build cache usage: 0B\n/s,
  ),
  line(
    'system prune -af',
    /Deleted Images:\nuntagged: .*\ndeleted: sha256:.*\n\nTotal reclaimed space: 100kB\n$/s,
  ),
];

const system: readonly Line[] = [
  line('builder prune -f', /^Total reclaimed space: 0B\n|^Total:\t0B\n$/),
  fails(`search --limit 101 ${registry.host}/foo`, daemonSays('limit 101 is outside the range of [1, 100]')),
  fails(`search -f bogus=1 ${registry.host}/foo`, daemonSays("invalid filter 'bogus'")),
  line(
    'system df --format {{.Type}}={{.TotalCount}}',
    /^Images=0\nContainers=0\nLocal Volumes=0\nBuild Cache=0\n$/,
  ),
  fails(`search ${registry.host}/foo`, daemonSays('Unexpected status code 404')),
  line(`login ${registry.host} -u u -p p`, /Login Succeeded\n/),
  line(`logout ${registry.host}`, `Removing login credentials for ${registry.host}\n`),
  line('network inspect bridge --format {{.Driver}}', 'bridge\n'),
  line('network ls --format {{.Name}}', 'bridge\nhost\nnone\n'),
  line('volume ls -q', ''),
  line('ps -aq', ''),
  line('plugin ls -q', ''),
  line('info --format {{.Images}}/{{.Containers}}/{{.Swarm.LocalNodeState}}', '0/0/inactive\n'),
  line('info', /\nServer:\n Containers: 0\n(?:.*\n)* Images: 0\n/),
  line('version --format {{.Server.APIVersion}}', '1.50\n'),
  line('version', /\nServer: Gantry\n Engine:\n {2}Version: +/),
  line(
    'events --since 5m --until 0s --filter type=image --filter event=import',
    new RegExp(`^(?:\\S+Z image import ${sha.source} \\(name=${sha.source}\\)\n){2}$`),
  ),
  line(
    'events --since 5m --until 0s --filter event=import --format {{.Type}}/{{.Action}}',
    'image/import\nimage/import\n',
  ),
  line(
    'events --since 5m --until 0s --filter type=image --filter event=push',
    new RegExp(`^(?:\\S+Z image push ${bb}:[12] \\(name=${bb}\\)\n){4,5}$`),
  ),
  fails('create busybox', /Gantry keeps images and does not run containers\n/),
];

function escape(text: string): string {
  return text.replaceAll(/[()]/g, '\\$&');
}

const typed = [...seeding, ...transfers, ...archives, ...missing, ...removals, ...system];
for (const { words, says, code = 0, input, ...more } of typed) {
  if (more.new === true && !isNew) continue;
  test(`docker ${words}`, async () => {
    const { stdout, stderr, ...result } = await type(words.split(' '), input);
    if (typeof says === 'string') assert.equal(stdout + stderr, says);
    else assert.match(stdout + stderr, says);
    assert.equal(result.code, code);
  });
}
