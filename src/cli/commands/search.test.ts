import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createMemoryRegistry } from '#registry';
import { openSession, type Session } from '../../../test/support/command-session.ts';

async function withResults(context: TestContext): Promise<Session> {
  const session = await openSession(context);
  session.api.searchResults.push(
    { name: 'nginx', description: 'Official build.', stars: 20000, official: true, automated: false },
    {
      name: 'team/nginx',
      description: 'A description that goes on <and>\r\non beyond its column',
      ...{ stars: 190, official: false, automated: false },
    },
  );
  return session;
}

test('search prints what was found in docker’s table', async (context) => {
  const { run } = await withResults(context);
  assert.equal(
    (await run(['search', 'nginx'])).stdout,
    `NAME         DESCRIPTION                                     STARS     OFFICIAL
nginx        Official build.                                 20000     [OK]
team/nginx   A description that goes on <and>  on beyond …   190       
`,
  );
  assert.match((await run(['search', '--no-trunc', 'nginx'])).stdout, /beyond its column {3}190/);
  assert.equal(
    (await run(['search', '--format', 'json', '--filter', 'is-official=true', 'nginx'])).stdout,
    '{"Description":"Official build.","IsOfficial":"true","Name":"nginx","StarCount":"20000"}\n',
  );
  assert.equal(
    (await run(['search', '--format', '{{.Name}}:{{.IsOfficial}}', 'nginx'])).stdout,
    'nginx:[OK]\nteam/nginx:\n',
  );
});

test('search passes on the limit and the login of the registry that the term begins with', async (context) => {
  const seen: unknown[] = [];
  const { run } = await openSession(context, {
    registries: {
      search: (domain, { limit, auth }) => {
        seen.push([domain, limit, auth]);
        return Promise.resolve([]);
      },
      login: () => Promise.resolve({}),
      open: () => createMemoryRegistry(),
    },
  });
  await run(['login', '-u', 'me', '-p', 'secret', 'r.local:5000']);
  const { stdout } = await run(['search', '--limit', '7', 'r.local:5000/nginx']);
  assert.equal(stdout, 'NAME      DESCRIPTION   STARS     OFFICIAL\n');
  await run(['search', 'nginx']);
  const auth = { username: 'me', password: 'secret', serverAddress: 'r.local:5000' };
  assert.deepEqual(seen, [
    ['r.local:5000', 7, auth],
    ['docker.io', 25, undefined],
  ]);
});

test('search warns of a filter that finds nothing any more, and tells what the daemon refuses', async (context) => {
  const { run } = await withResults(context);
  const automated = await run(['search', '-f', 'is-automated=true', 'nginx']);
  assert.equal(automated.stdout, 'NAME      DESCRIPTION   STARS     OFFICIAL\n');
  assert.match(automated.stderr, /^WARNING: the "is-automated" filter is deprecated, /);
  assert.partialDeepStrictEqual(await run(['search', '--limit', '101', 'nginx']), {
    code: 1,
    stderr: 'Error response from daemon: limit 101 is outside the range of [1, 100]\n',
  });
});
