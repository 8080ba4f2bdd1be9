import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTemplate } from '#template';
import { type DiskUsage, usageListing, usageRows } from './disk-usage.ts';
import { usageTables, usageView } from './disk-usage-details.ts';
import { formatRows } from './format.ts';

const hex = (digit: string): string => digit.repeat(64);
const now = Math.floor(Date.now() / 1000);
const ago = (seconds: number): string => new Date((now - seconds) * 1000).toISOString();

/** What dockerd answers that runs containers. */
const usage: DiskUsage = {
  LayersSize: 3000,
  Images: [
    {
      ...{ Id: `sha256:${hex('1')}`, ParentId: '', Labels: null, Created: now - 7200 },
      ...{ RepoTags: ['x:1', 'y:2'], RepoDigests: [], Size: 2000, SharedSize: 500, Containers: 2 },
    },
    {
      ...{ Id: `sha256:${hex('2')}`, ParentId: '', Labels: null, Created: now - 7200 },
      ...{ RepoTags: [], RepoDigests: [`z@sha256:${hex('3')}`], Size: 1500, SharedSize: 500, Containers: 0 },
    },
  ],
  Containers: [
    {
      ...{ Id: hex('a'), Names: ['/other/link', '/web'], Image: 'x:1', ImageID: `sha256:${hex('1')}` },
      ...{
        Command: '/bin/server --option "value"',
        Created: now - 7200,
        State: 'running',
        Status: 'Up 2 hours',
      },
      ...{ SizeRw: 1000, Mounts: [{ Driver: 'local' }, {}] },
    },
    {
      ...{ Id: hex('b'), Names: ['/old'], Image: `sha256:${hex('1')}`, ImageID: `sha256:${hex('1')}` },
      ...{
        Command: 'sh',
        Created: now - 7200,
        State: 'exited',
        Status: 'Exited (0) 2 hours ago',
        Mounts: null,
      },
      SizeRw: 3000,
    },
  ],
  Volumes: [
    { Name: 'used', UsageData: { Size: 100, RefCount: 1 } },
    { Name: 'idle', UsageData: { Size: 300, RefCount: 0 } },
    { Name: 'remote', UsageData: { Size: -1, RefCount: 0 } },
  ],
  BuildCache: [
    {
      ...{ ID: 'later', Type: 'regular', Size: 70, InUse: true, Shared: false },
      ...{ CreatedAt: ago(7200), LastUsedAt: ago(7200), UsageCount: 3 },
    },
    {
      ...{ ID: 'never', Type: 'regular', Size: 20, InUse: false, Shared: true },
      ...{ CreatedAt: ago(7200), LastUsedAt: null, UsageCount: 0 },
    },
    {
      ...{ ID: 'early', Type: 'source.local', Size: 30, InUse: false, Shared: false },
      ...{ CreatedAt: ago(10800), LastUsedAt: ago(10800), UsageCount: 1 },
    },
  ],
};

test('the summary counts what is in use and what can be reclaimed as docker does', () => {
  assert.equal(
    formatRows(usageRows(usage), usageListing),
    `TYPE            TOTAL     ACTIVE    SIZE      RECLAIMABLE
Images          2         1         3kB       1.5kB (50%)
Containers      2         1         4kB       3kB (75%)
Local Volumes   3         1         400B      300B (75%)
Build Cache     3         1         100B      30B
`,
  );
});

test('the tables list every image, container, volume and piece of cache', () => {
  assert.equal(
    usageTables(usage),
    `Images space usage:

REPOSITORY   TAG       IMAGE ID       CREATED       SIZE      SHARED SIZE   UNIQUE SIZE   CONTAINERS
x            1         111111111111   2 hours ago   2kB       500B          1.5kB         2
<none>       <none>    222222222222   2 hours ago   1.5kB     500B          1kB           0

Containers space usage:

CONTAINER ID   IMAGE          COMMAND                  LOCAL VOLUMES   SIZE      CREATED       STATUS                   NAMES
aaaaaaaaaaaa   x:1            "/bin/server --optio…"   1               1kB       2 hours ago   Up 2 hours               web
bbbbbbbbbbbb   111111111111   "sh"                     0               3kB       2 hours ago   Exited (0) 2 hours ago   old

Local Volumes space usage:

VOLUME NAME   LINKS     SIZE
used          1         100B
idle          0         300B
remote        0         -1B

Build cache usage: 100B

CACHE ID   CACHE TYPE     SIZE      CREATED       LAST USED     USAGE     SHARED
never      regular        20B       2 hours ago                 0         true
early      source.local   30B       3 hours ago   3 hours ago   1         false
later*     regular        70B       2 hours ago   2 hours ago   3         false
`,
  );
});

test('templates see whole ids', () => {
  const template = parseTemplate(
    '{{range .Images}}{{.ID}} {{end}}{{range .Containers}}{{.ID}} {{.Names}} {{end}}',
  );
  assert.equal(
    template.execute(usageView(usage)),
    `sha256:${hex('1')} sha256:${hex('2')} ${hex('a')} other/link,web ${hex('b')} old `,
  );
});
