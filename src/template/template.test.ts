import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findError, GantryError } from '#errors';
import { executionErrors, syntaxErrors } from './docker-errors.suite.ts';
import { image, printed, raw, row } from './docker-output.suite.ts';
import { headerFunctions, parseTemplate, withTypeName, type ExecuteOptions } from './index.ts';

/** What a template prints, or its error without the beginning that all errors share. */
function outcome(template: string, data: unknown, options?: ExecuteOptions): string {
  try {
    return parseTemplate(template).execute(data, options);
  } catch (error) {
    assert.ok(error instanceof GantryError, String(error));
    assert.equal(error.kind, 'invalid-argument');
    const beginning = 'template parsing error: template: ';
    assert.ok(error.message.startsWith(beginning));
    return error.message.slice(beginning.length);
  }
}

for (const [title, cases] of Object.entries({ printed, syntaxErrors, executionErrors })) {
  suite(`a row, as docker prints it: ${title}`, () => {
    for (const [template, prints] of cases) {
      test(template, () => {
        assert.equal(outcome(template, row), prints);
      });
    }
  });
}

suite('raw JSON, as docker inspect prints it', () => {
  for (const [template, prints] of raw) {
    test(template, () => {
      assert.equal(outcome(template, image, { numbers: 'json', missingKey: 'error' }), prints);
    });
  }
});

test('errors say whether the template or its execution is wrong', () => {
  const code = (run: () => unknown): string | undefined => {
    try {
      run();
    } catch (error) {
      return findError(error)?.code;
    }
    return undefined;
  };
  assert.equal(
    code(() => parseTemplate('{{')),
    'template-syntax',
  );
  assert.equal(
    code(() => parseTemplate('{{.a.b}}').execute({ a: 1 })),
    'template-execution',
  );
});

test('a missing key is no value, a zero value or an error', () => {
  const data = { labels: { a: 'x' }, mixed: { a: 1 } };
  assert.equal(outcome('{{.labels.b}}|{{.mixed.b}}', data), '<no value>|<no value>');
  assert.equal(outcome('{{.labels.b}}|{{.mixed.b}}', data, { missingKey: 'zero' }), '|<no value>');
  assert.equal(
    outcome('{{.labels.b}}', data, { missingKey: 'error' }),
    ':1:9: executing "" at <.labels.b>: map has no entry for key "b"',
  );
  assert.equal(outcome('{{index .labels "b"}}|{{index .labels "a"}}', data), '|x');
});

test('numbers of the data print as ints, as their text or as float64', () => {
  const data = { size: 1984494, ratio: 1.5, exact: 12345678901234567890n };
  assert.equal(outcome('{{.size}} {{.ratio}} {{.exact}}', data), '1984494 1.5 12345678901234567890');
  assert.equal(outcome('{{.size}} {{.exact}}', data, { numbers: 'json' }), '1984494 12345678901234567890');
  assert.equal(outcome('{{.size}} {{.ratio}}', data, { numbers: 'float' }), '1.984494e+06 1.5');
  assert.equal(
    outcome('{{printf "%d %05d" .size .size}} {{eq .size 1984494}}', data),
    '1984494 1984494 true',
  );
});

test('functions of the data are called, with the arguments that the template gives', () => {
  const data = {
    Name: () => 'web',
    Label: (key: string) => `<${key}>`,
    Repeat: (text: string, count: number) => text.repeat(count),
    Plain: 7,
    Ports: () => [80, 443],
  };
  assert.equal(outcome('{{.Name}} {{.Label "a"}} {{.Repeat "x" 3}} {{.Plain}}', data), 'web <a> xxx 7');
  assert.equal(outcome('{{"b" | .Label | upper}} {{index .Ports 1}}', data), '<B> 443');
  assert.equal(outcome('{{json .}}', data), '{"Name":"web","Plain":7,"Ports":[80,443]}');
  assert.equal(
    outcome('{{.Label}}', data),
    ':1:2: executing "" at <.Label>: wrong number of args for Label: want 1 got 0',
  );
  assert.equal(outcome('{{.and}} {{.call "x"}}', { and: () => 1, call: (text: string) => text }), '1 x');
  assert.equal(
    outcome('{{.Size}} {{.Inner.Size}}', { Size: () => 1e6, Inner: { Size: () => 2 } }, { numbers: 'float' }),
    '1e+06 2',
  );
  assert.equal(outcome('{{call (index .Inner 0) "x"}}', { Inner: [(text: string) => `${text}!`] }), 'x!');
});

test('an error of a function of the data is told with its name', () => {
  const data = {
    Size: () => {
      throw new Error('not known');
    },
  };
  assert.equal(outcome('{{.Size}}', data), ':1:2: executing "" at <.Size>: error calling Size: not known');
});

test('a missing field of a typed value is an error that names the type', () => {
  const data = withTypeName('*formatter.imageContext', { ID: 'abc' });
  assert.equal(
    outcome('{{.Id}}', data),
    `:1:2: executing "" at <.Id>: can't evaluate field Id in type *formatter.imageContext`,
  );
  assert.equal(outcome('{{.ID}} {{.}}', data), 'abc {abc}');
});

test('only own fields are seen', () => {
  assert.equal(
    outcome('{{.constructor}} {{.__proto__}} {{.toString}}', {}),
    '<no value> <no value> <no value>',
  );
});

test('maps print and range in the order of their keys, and JSON keeps the order of typed data', () => {
  const data = { b: 1, a: { z: null, y: [true] } };
  assert.equal(outcome('{{.}}', data), 'map[a:map[y:[true] z:<nil>] b:1]');
  assert.equal(outcome('{{range $key, $_ := .}}{{$key}}{{end}}', data), 'ab');
  assert.equal(outcome('{{json .}}', data), '{"b":1,"a":{"z":null,"y":[true]}}');
  assert.equal(outcome('{{json .}}', data, { numbers: 'json' }), '{"a":{"y":[true],"z":null},"b":1}');
});

test('nested templates see their argument as dot and as $', () => {
  const template =
    '{{define "row"}}{{.}}-{{$}};{{end}}{{range .}}{{template "row" .}}{{end}}{{template "row"}}';
  assert.equal(outcome(template, ['a', 'b']), 'a-a;b-b;<no value>-<no value>;');
});

test('templates that call themselves end with an error', () => {
  assert.match(
    outcome('{{define "x"}}{{template "x"}}{{end}}{{template "x"}}', {}),
    /exceeded maximum template depth/,
  );
});

test('the functions for headers leave the headers as they are', () => {
  const headers = { ID: 'Image ID' };
  const template = '{{upper .ID}} {{truncate .ID 2}} {{json .ID}}{{pad .ID 1 1}}';
  assert.equal(
    outcome(template, headers, { functions: headerFunctions }),
    'Image ID Image ID Image ID Image ID ',
  );
});

test('columns of errors count bytes and lines count from 1', () => {
  assert.match(outcome('é\n日{{.a.b}}', { a: 'x' }), /^:2:7: executing/);
});
