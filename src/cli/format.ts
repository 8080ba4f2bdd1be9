import { headerFunctions, parseTemplate, withTypeName } from '#template';
import { alignColumns } from './table.ts';

/** A column of a list: `{{.Name}}` prints the value, and a table prints the header above it. */
export interface Column<Row> {
  readonly header: string;
  /** A function that declares `key` is called with one: `{{.Label "key"}}`. */
  readonly value: (row: Row, key: string) => unknown;
}

/** What a list can print: its columns by the names that templates use. */
export interface Listing<Row> {
  /** Docker's name of the row in messages: `*formatter.imageContext`. */
  readonly typeName: string;
  readonly columns: Readonly<Record<string, Column<Row>>>;
  /** The table without a template of the user: `{{.ID}}\t{{.Size}}`. */
  readonly table: string;
  /** The words `raw` and `--quiet` stand for these templates, where the list has them. */
  readonly raw?: string;
  readonly quiet?: string;
}

/**
 * The rows as `--format` asks (docs.docker.com, Format command and log output): empty or `table` for the default
 * table, `table TEMPLATE`, `json` for one object a line, `raw`, or a template for each row. `\t` and `\n` stand for a
 * tab and a newline. `quiet` replaces the default table.
 *
 * @throws GantryError `template-syntax`, `template-execution`, before anything is printed.
 */
export function formatRows<Row>(
  rows: Iterable<Row>,
  listing: Listing<Row>,
  { format = '', quiet = false }: { format?: string; quiet?: boolean } = {},
): string {
  const { template, isTable } = resolve(format, listing, quiet);
  const parsed = parseTemplate(template);
  // What docker prints for a whole row went through Go's own encoder, which escapes what HTML could read.
  const shown = template === '{{json .}}' ? escapeForHtml : (line: string) => line;
  let text = '';
  for (const row of rows) text += `${shown(parsed.execute(rowView(row, listing)))}\n`;
  if (!isTable) return text;
  return alignColumns(`${header(template, listing)}\n${text}`);
}

function resolve<Row>(
  format: string,
  listing: Listing<Row>,
  quiet: boolean,
): { template: string; isTable: boolean } {
  const isDefault = format === '' || format === 'table';
  if (isDefault && quiet && listing.quiet !== undefined) return { template: listing.quiet, isTable: false };
  if (isDefault) return { template: unescape(listing.table), isTable: true };
  if (format === 'json') return { template: '{{json .}}', isTable: false };
  if (format === 'raw' && listing.raw !== undefined)
    return { template: unescape(listing.raw), isTable: false };
  const isTable = format.startsWith('table');
  return { template: unescape(isTable ? format.slice('table'.length) : format), isTable };
}

function escapeForHtml(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function unescape(format: string): string {
  return format
    .replace(/^ +| +$/g, '')
    .replaceAll('\\t', '\t')
    .replaceAll('\\n', '\n');
}

/** A row as templates see it. */
export function rowView<Row>(row: Row, { columns, typeName }: Listing<Row>): object {
  const fields = Object.entries(columns).map(([name, column]) => {
    const byKey = (key: string): unknown => column.value(row, key);
    return [name, takesKey(column) ? byKey : () => byKey('')];
  });
  return withTypeName(typeName, Object.fromEntries(fields) as object);
}

function takesKey<Row>({ value }: Column<Row>): boolean {
  return value.length > 1;
}

/** The template over the headers. A row that fails has been refused before; without rows the line stays empty. */
function header<Row>(template: string, { columns }: Listing<Row>): string {
  const fields = Object.entries(columns).map(([name, column]) => {
    return [name, takesKey(column) ? keyHeader : column.header];
  });
  try {
    return parseTemplate(template).execute(Object.fromEntries(fields), { functions: headerFunctions });
  } catch {
    return '';
  }
}

/** The header of `{{.Label "com.example.build-date"}}`: `build date`. */
function keyHeader(key: string): string {
  return (key.split('.').at(-1) ?? '').replaceAll(/[-_]/g, ' ');
}
