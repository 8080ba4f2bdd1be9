import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importTar, layerTars, openSession } from '../../../test/support/command-session.ts';

test('system df counts what is there, once', async (context) => {
  const session = await openSession(context);
  await importTar(session, layerTars[0], 'one:1');
  await importTar(session, layerTars[0], 'one:2');
  await importTar(session, layerTars[1]);
  assert.equal(
    (await session.run(['system', 'df'])).stdout,
    `TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE
Images          3         0         5.12kB    5.12kB (100%)
Containers      0         0         0B        0B
Local Volumes   0         0         0B        0B
Build Cache     0         0         0B        0B
`,
  );
  assert.equal(
    (await session.run(['system', 'df', '--format', 'table {{.Type}}\\t{{.Size}}'])).stdout,
    `TYPE            SIZE
Images          5.12kB
Containers      0B
Local Volumes   0B
Build Cache     0B
`,
  );
  const [json = ''] = (await session.run(['system', 'df', '--format', 'json'])).stdout.split('\n');
  assert.deepEqual(JSON.parse(json), {
    ...{ Active: '0', Reclaimable: '5.12kB (100%)', Size: '5.12kB', TotalCount: '3', Type: 'Images' },
  });
});

test('system df --verbose lists everything that takes space', async (context) => {
  const session = await openSession(context);
  const id = (await importTar(session, layerTars[0], 'one:1')).slice(7, 19);
  const { stdout } = await session.run(['system', 'df', '-v']);
  assert.equal(
    stdout.replace(/(Less than a|\d) seconds? ago +/, 'now'),
    `Images space usage:

REPOSITORY   TAG       IMAGE ID       CREATED${/CREATED( +)SIZE/.exec(stdout)?.[1] ?? ''}SIZE      SHARED SIZE   UNIQUE SIZE   CONTAINERS
one          1         ${id}   now2.56kB    0B            2.56kB        0

Containers space usage:

CONTAINER ID   IMAGE     COMMAND   LOCAL VOLUMES   SIZE      CREATED   STATUS    NAMES

Local Volumes space usage:

VOLUME NAME   LINKS     SIZE

Build cache usage: 0B

CACHE ID   CACHE TYPE   SIZE      CREATED   LAST USED   USAGE     SHARED
`,
  );
  const format = '{{range .Images}}{{.Repository}}:{{.Tag}} {{.UniqueSize}}{{end}} {{len .Containers}}';
  assert.equal((await session.run(['system', 'df', '-v', '--format', format])).stdout, 'one:1 2.56kB 0');
});

test('system prune asks first, names what it will remove, and leaves it on a no', async (context) => {
  const session = await openSession(context);
  await importTar(session);
  const filters = [
    '--filter',
    'label=x',
    '--filter',
    'label!=y',
    '--filter',
    'label=a10',
    '--filter',
    'label=a9',
  ];
  const { code, stdout } = await session.run(['system', 'prune', '-a', '--volumes', ...filters], {
    stdin: 'n\n',
  });
  assert.equal(code, 0);
  assert.equal(
    stdout,
    `WARNING! This will remove:
  - all stopped containers
  - all networks not used by at least one container
  - all anonymous volumes not used by at least one container
  - all images without at least one container associated to them
  - all build cache

  Items to be pruned will be filtered with:
  - label!=y
  - label=a9
  - label=a10
  - label=x

Are you sure you want to continue? [y/N] `,
  );
  assert.equal((await session.run(['images', '-q', '--no-trunc'])).stdout.length, 72);
  const until = await session.run(['system', 'prune', '--volumes', '--filter', 'until=1h']);
  assert.deepEqual(
    [until.code, until.stderr],
    [1, 'ERROR: The "until" filter is not supported with "--volumes"\n'],
  );
});

test('system prune removes what nothing names, and with --all everything', async (context) => {
  const session = await openSession(context);
  const nameless = await importTar(session, layerTars[1]);
  const named = await importTar(session, layerTars[0], 'one:1');
  const first = await session.run(['system', 'prune'], { stdin: 'y\n' });
  assert.equal(first.code, 0);
  assert.match(
    first.stdout,
    new RegExp(
      `\\[y/N\\] Deleted Images:\ndeleted: ${nameless}\ndeleted: sha256:.*\n\nTotal reclaimed space: 2.56kB\n$`,
    ),
  );
  const second = await session.run(['system', 'prune', '-af']);
  assert.match(
    second.stdout,
    new RegExp(
      `^Deleted Images:\nuntagged: one:1\ndeleted: ${named}\ndeleted: sha256:.*\n\nTotal reclaimed space: 2.56kB\n$`,
    ),
  );
  assert.equal((await session.run(['system', 'prune', '-f'])).stdout, 'Total reclaimed space: 0B\n');
});
