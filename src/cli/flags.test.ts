import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findError } from '#errors';
import { parseFlags, type Flags } from './flags.ts';

const flags = {
  all: { type: 'boolean', short: 'a', usage: '' },
  quiet: { type: 'boolean', short: 'q', default: true, usage: '' },
  filter: { type: 'filter', short: 'f', usage: '' },
  format: { type: 'string', usage: '' },
  'no-trunc': { type: 'boolean', usage: '' },
  env: { type: 'list', short: 'e', default: ['A=1'], usage: '' },
  platform: { type: 'strings', usage: '' },
  last: { type: 'int', short: 'n', default: -1, usage: '' },
  memory: { type: 'bytes', short: 'm', usage: '' },
  hidden: { type: 'string', usage: '', hidden: true },
} as const satisfies Flags;

function parse(
  line: string,
  options?: { stopAtFirst: boolean },
): ReturnType<typeof parseFlags<typeof flags>> {
  return parseFlags(line === '' ? [] : line.split(' '), flags, options);
}

function complaint(line: string, declared: Flags = flags): string | undefined {
  try {
    parseFlags(line.split(' '), declared);
  } catch (error) {
    const { code, message, subject } = findError(error, { kind: 'invalid-argument' }) ?? {};
    return `${code ?? ''}: ${message ?? ''} ${String(subject?.['suggestion'] ?? '')}`.trimEnd();
  }
  return undefined;
}

test('flags that are not given have their defaults, and the values have the types that are declared', () => {
  const { values, given, positionals } = parse('');
  const all: boolean = values.all;
  const noTrunc: boolean = values.noTrunc;
  const env: readonly string[] = values.env;
  const last: number = values.last;
  assert.deepEqual([all, noTrunc, env, last], [false, false, ['A=1'], -1]);
  assert.deepEqual(
    [values.quiet, values.filter, values.format, values.platform, values.memory],
    [true, {}, '', [], 0],
  );
  assert.deepEqual([...given, ...positionals], []);
});

test('a long flag has its value behind = or in the next word', () => {
  assert.equal(parse('--format=a=b').values.format, 'a=b');
  assert.equal(parse('--format --all').values.format, '--all');
  assert.equal(parse('--format=').values.format, '');
});

test('short flags stand in groups, of which the last takes a value', () => {
  const { values, given } = parse('-aqn5');
  assert.deepEqual([values.all, values.quiet, values.last], [true, true, 5]);
  assert.deepEqual([...given], ['all', 'quiet', 'last']);
  for (const line of ['-n 7', '-n7', '-n=7', '-an 7', '-an=7'])
    assert.equal(parse(line).values.last, 7, line);
});

test('a switch is turned off with =false, in all of the words of Go', () => {
  for (const word of ['0', 'f', 'F', 'false', 'False', 'FALSE']) {
    assert.equal(parse(`--quiet=${word}`).values.quiet, false);
    assert.equal(parse(`-q=${word}`).values.quiet, false);
  }
  assert.deepEqual(parse('--quiet false').positionals, ['false']);
});

test('positionals stand anywhere, behind -- everything is one, and a lone - is one', () => {
  const { values, positionals } = parse('x -a - y -- -q --bogus');
  assert.deepEqual(positionals, ['x', '-', 'y', '-q', '--bogus']);
  assert.equal(values.all, true);
});

test('the first positional may end the flags', () => {
  const { values, positionals } = parse('-a busybox ls -q -- x', { stopAtFirst: true });
  assert.deepEqual(positionals, ['busybox', 'ls', '-q', '--', 'x']);
  assert.equal(values.all, true);
  assert.deepEqual(parse('-a -- -x y', { stopAtFirst: true }).positionals, ['-x', 'y']);
});

test('lists grow with every use, and the first use replaces the default', () => {
  assert.deepEqual(parse('-e B=2 --env C=3,4').values.env, ['B=2', 'C=3,4']);
  assert.deepEqual(parse('--platform a,b --platform c').values.platform, ['a', 'b', 'c']);
  assert.deepEqual(parseFlags(['--platform', 'a,"b,""c""",,d'], flags).values.platform, [
    'a',
    'b,"c"',
    '',
    'd',
  ]);
});

test('filters gather values by name', () => {
  const { filter } = parse('-f label=a=b -f Dangling=true --filter label=c -f label=c').values;
  assert.deepEqual(filter, { label: ['a=b', 'c'], dangling: ['true'] });
  assert.deepEqual(parse('-f constructor=x').values.filter, { constructor: ['x'] });
});

test('integers are read in the bases of Go, sizes in binary units', () => {
  const words = { '0x10': 16, '0b11': 3, '017': 15, '0o17': 15, '-5': -5, '+5': 5, '0': 0 };
  for (const [word, value] of Object.entries(words))
    assert.equal(parse(`--last=${word}`).values.last, value, word);
  assert.equal(parse('-m 512m').values.memory, 536870912);
});

test('mistakes are told in the words of pflag', () => {
  const complaints = {
    '--bogus': 'unknown-flag: unknown flag: --bogus',
    '--bogus=1': 'unknown-flag: unknown flag: --bogus',
    '--constructor': 'unknown-flag: unknown flag: --constructor',
    '-aqz1': `unknown-flag: unknown shorthand flag: 'z' in -z1`,
    '-a=': `unknown-flag: unknown shorthand flag: '=' in -=`,
    '--format': 'flag-needs-argument: flag needs an argument: --format',
    '-an': `flag-needs-argument: flag needs an argument: 'n' in -n`,
    '---a': 'flag-syntax: bad flag syntax: ---a',
    '--=a': 'flag-syntax: bad flag syntax: --=a',
    '--all=x':
      'flag-value: invalid argument "x" for "-a, --all" flag: strconv.ParseBool: parsing "x": invalid syntax',
    '--no-trunc=':
      'flag-value: invalid argument "" for "--no-trunc" flag: strconv.ParseBool: parsing "": invalid syntax',
    '-n x':
      'flag-value: invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x": invalid syntax',
    '-n 9223372036854775808':
      'flag-value: invalid argument "9223372036854775808" for "-n, --last" flag: strconv.ParseInt: parsing "9223372036854775808": value out of range',
    '-f a':
      'flag-value: invalid argument "a" for "-f, --filter" flag: bad format of filter (expected name=value)',
    '-m 5z': `flag-value: invalid argument "5z" for "-m, --memory" flag: invalid suffix: 'z'`,
  };
  for (const [line, message] of Object.entries(complaints)) assert.equal(complaint(line), message);
});

test('a flag that is nearly known is suggested, a hidden one never', () => {
  assert.equal(complaint('--formt=x'), 'unknown-flag: unknown flag: --formt --format');
  assert.equal(complaint('--no-tunc'), 'unknown-flag: unknown flag: --no-tunc --no-trunc');
  assert.equal(complaint('--hiden'), 'unknown-flag: unknown flag: --hiden');
});

test('a flag may refuse what its type allows', () => {
  const check = (text: string): void => {
    if (!['always', 'never'].includes(text)) throw new Error('it is always or never');
  };
  const declared = { pull: { type: 'string', usage: '', check } } as const satisfies Flags;
  assert.equal(parseFlags(['--pull=never'], declared).values.pull, 'never');
  assert.equal(
    complaint('--pull=x', declared),
    'flag-value: invalid argument "x" for "--pull" flag: it is always or never',
  );
});
