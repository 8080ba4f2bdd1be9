import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatRows, type Listing } from './format.ts';

interface Image {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

const listing: Listing<Image> = {
  typeName: '*formatter.imageContext',
  columns: {
    ID: { header: 'IMAGE ID', value: ({ id }) => id },
    Name: { header: 'NAME', value: ({ name }) => name },
    Label: { header: '', value: ({ labels }, key) => labels[key] ?? '' },
  },
  table: String.raw`{{.Name}}\t{{.ID}}`,
  raw: String.raw`image_id: {{.ID}}\nname: {{.Name}}\n`,
  quiet: '{{.ID}}',
};

const rows: Image[] = [
  { id: 'abc', name: 'busybox', labels: { 'org.build-date': 'today' } },
  { id: 'def', name: 'a-rather-long-name', labels: {} },
];

test('the default is a table, with or without rows', () => {
  const table = 'NAME                 IMAGE ID\nbusybox              abc\na-rather-long-name   def\n';
  assert.equal(formatRows(rows, listing), table);
  assert.equal(formatRows(rows, listing, { format: 'table' }), table);
  assert.equal(formatRows([], listing), 'NAME      IMAGE ID\n');
});

test('a table of the user has headers from the template, which functions leave as they are', () => {
  assert.equal(
    formatRows(rows.slice(0, 1), listing, {
      format: String.raw`table {{upper .ID}}\t{{.Label "org.build-date"}}`,
    }),
    'IMAGE ID   build date\nABC        today\n',
  );
});

test('json prints one object a line, without the columns that take a key', () => {
  assert.equal(
    formatRows(rows, listing, { format: 'json' }),
    '{"ID":"abc","Name":"busybox"}\n{"ID":"def","Name":"a-rather-long-name"}\n',
  );
});

test('raw and quiet are templates of the list', () => {
  assert.equal(
    formatRows(rows.slice(1), listing, { format: 'raw' }),
    'image_id: def\nname: a-rather-long-name\n\n',
  );
  assert.equal(formatRows(rows, listing, { quiet: true }), 'abc\ndef\n');
  assert.equal(
    formatRows(rows, listing, { quiet: true, format: '{{.Name}}' }),
    'busybox\na-rather-long-name\n',
  );
});

test('a template prints each row on a line, with its escapes for tab and newline', () => {
  assert.equal(formatRows(rows, listing, { format: String.raw` {{.ID}}\t-\n` }), 'abc\t-\n\ndef\t-\n\n');
});

test('mistakes in templates are errors in the words of docker', () => {
  assert.throws(() => formatRows(rows, listing, { format: '{{.Id}}' }), {
    code: 'template-execution',
    message: `template parsing error: template: :1:2: executing "" at <.Id>: can't evaluate field Id in type *formatter.imageContext`,
  });
  assert.throws(() => formatRows([], listing, { format: '{{.Id' }), {
    message: 'template parsing error: template: :1: unclosed action',
  });
});
