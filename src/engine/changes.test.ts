import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunConfig } from '#oci';
import { applyChanges } from './changes.ts';

const table: readonly (readonly [
  name: string,
  changes: readonly string[],
  before: RunConfig,
  after: RunConfig,
])[] = [
  ['CMD as a list', ['CMD ["sh","-l"]'], {}, { Cmd: ['sh', '-l'] }],
  ['CMD for the shell', ['cmd echo $HOME'], {}, { Cmd: ['/bin/sh', '-c', 'echo $HOME'] }],
  [
    'CMD for another shell',
    ['CMD x'],
    { Shell: ['bash', '-c'] },
    { Shell: ['bash', '-c'], Cmd: ['bash', '-c', 'x'] },
  ],
  ['ENTRYPOINT takes the old CMD away', ['ENTRYPOINT ["a"]'], { Cmd: ['b'] }, { Entrypoint: ['a'] }],
  [
    'CMD before ENTRYPOINT stays',
    ['CMD ["c"]', 'ENTRYPOINT ["a"]'],
    { Cmd: ['b'] },
    { Entrypoint: ['a'], Cmd: ['c'] },
  ],
  [
    'CMD after ENTRYPOINT stays',
    ['ENTRYPOINT ["a"]', 'CMD ["c"]'],
    { Cmd: ['b'] },
    { Entrypoint: ['a'], Cmd: ['c'] },
  ],
  ['ENV sets', ['ENV A=1 B="2 3"'], {}, { Env: ['A=1', 'B=2 3'] }],
  ['ENV of old', ['ENV A 1 2'], {}, { Env: ['A=1 2'] }],
  ['ENV sets again in place', ['ENV A=3'], { Env: ['A=1', 'B=2'] }, { Env: ['A=3', 'B=2'] }],
  ['ENV sees what was before it', ['ENV A=2 B=$A'], { Env: ['A=1'] }, { Env: ['A=2', 'B=1'] }],
  ['ENV leaves what is no assignment', ['ENV A=1'], { Env: ['ODD'] }, { Env: ['ODD', 'A=1'] }],
  [
    'EXPOSE',
    ['EXPOSE 80 53/udp 8000-8002'],
    {},
    { ExposedPorts: { '80/tcp': {}, '53/udp': {}, '8000/tcp': {}, '8001/tcp': {}, '8002/tcp': {} } },
  ],
  [
    'EXPOSE adds, with variables',
    ['EXPOSE $PORT/TCP'],
    { Env: ['PORT=1'], ExposedPorts: { '2/tcp': {} } },
    { Env: ['PORT=1'], ExposedPorts: { '2/tcp': {}, '1/tcp': {} } },
  ],
  ['HEALTHCHECK', ['HEALTHCHECK NONE'], {}, { Healthcheck: { Test: ['NONE'] } }],
  [
    'LABEL adds and replaces',
    ['LABEL a=1 "b c"=2'],
    { Labels: { a: '0', d: '3' } },
    { Labels: { a: '1', d: '3', 'b c': '2' } },
  ],
  ['ONBUILD adds', ['ONBUILD RUN make'], { OnBuild: ['RUN x'] }, { OnBuild: ['RUN x', 'RUN make'] }],
  ['STOPSIGNAL', ['STOPSIGNAL SIGINT'], {}, { StopSignal: 'SIGINT' }],
  ['USER', ['USER $WHO:staff'], { Env: ['WHO=me'] }, { Env: ['WHO=me'], User: 'me:staff' }],
  ['VOLUME as words', ['VOLUME /a /b'], {}, { Volumes: { '/a': {}, '/b': {} } }],
  [
    'VOLUME as a list, with variables',
    ['VOLUME ["/a b", "$HOME"]'],
    { Env: ['HOME=/h'] },
    { Env: ['HOME=/h'], Volumes: { '/a b': {}, '/h': {} } },
  ],
  ['WORKDIR', ['WORKDIR /a/../b/'], {}, { WorkingDir: '/b' }],
  ['WORKDIR below the one before', ['WORKDIR c d'], { WorkingDir: '/a' }, { WorkingDir: '/a/c d' }],
  ['several', ['user a', 'USER b'], {}, { User: 'b' }],
  ['none', [], { User: 'a' }, { User: 'a' }],
];

for (const [name, changes, before, after] of table) {
  test(name, () => {
    assert.deepEqual(applyChanges(before, changes), after);
  });
}

test('a label may have any name', () => {
  const { Labels } = applyChanges({}, ['LABEL __proto__=1 constructor=2']);
  assert.deepEqual(Object.entries(Labels ?? {}), [
    ['__proto__', '1'],
    ['constructor', '2'],
  ]);
});

for (const [change, message] of [
  ['FROM x', 'FROM is not a valid change command'],
  ['constructor x', 'constructor is not a valid change command'],
  ['', ' is not a valid change command'],
  ['ENV', 'ENV requires at least one argument'],
  ['ENV A', 'ENV must have two arguments'],
  ['ENV A=1 B', 'Syntax error - can\'t find = in "B". Must be of the form: name=value'],
  ['ENV =1', 'ENV names can not be blank'],
  ['LABEL a="b', 'unexpected end of statement while looking for matching double-quote'],
  ['EXPOSE http', 'invalid containerPort: http'],
  ['EXPOSE 0', 'invalid containerPort: 0'],
  ['EXPOSE 70000', 'invalid containerPort: 70000'],
  ['EXPOSE 9-8', 'invalid containerPort: 9-8'],
  ['USER a b', 'USER requires exactly one argument'],
  ['ONBUILD onbuild RUN x', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
  ['ONBUILD FROM x', "FROM isn't allowed as an ONBUILD trigger"],
] as const) {
  test(`the change ${JSON.stringify(change)} is refused`, () => {
    assert.throws(() => applyChanges({}, [change]), {
      kind: 'invalid-argument',
      code: 'change-invalid',
      message,
    });
  });
}
