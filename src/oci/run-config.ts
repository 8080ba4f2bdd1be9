import type { JsonCursor } from './json.ts';

/** How a container of the image is checked; durations in nanoseconds. Docker's extension of the specification. */
interface Healthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

/**
 * How to run the image: the `config` object with its own names. The fields below have the types that they say;
 * others (Docker wrote Hostname, Image, ...) are kept as they came. Source: image-spec config.md, "Properties".
 */
export interface RunConfig {
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, unknown>>;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Volumes?: Readonly<Record<string, unknown>>;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
  readonly StopTimeout?: number;
  readonly Healthcheck?: Healthcheck;
  readonly OnBuild?: readonly string[];
  readonly Shell?: readonly string[];
  readonly ArgsEscaped?: boolean;
  readonly [field: string]: unknown;
}

/** The most elements of a list: far above any in use. */
const maxStrings = 10_000;

const string = (at: JsonCursor): unknown => at.string();
const strings = (at: JsonCursor): unknown => at.strings(maxStrings);
const integer = (at: JsonCursor): unknown => at.integer();
const object = (at: JsonCursor): unknown => at.object();
// Docker before 1.8 wrote commands as one string, and its readers still take that.
const command = (at: JsonCursor): unknown => (typeof at.value === 'string' ? [at.value] : strings(at));

function boolean(at: JsonCursor): unknown {
  return typeof at.value === 'boolean' ? at.value : at.fail('it must be true or false');
}

function number(at: JsonCursor): unknown {
  // Durations are 64-bit numbers: the long ones are not safe integers, and nobody needs their last digits.
  return typeof at.value === 'number' ? at.value : at.fail('it must be a number');
}

type Readers = Readonly<Record<string, (at: JsonCursor) => unknown>>;

const healthcheckReaders: Readers = {
  Test: command,
  Interval: number,
  Timeout: number,
  StartPeriod: number,
  StartInterval: number,
  Retries: integer,
};

const readers: Readers = {
  User: string,
  ExposedPorts: object,
  Env: strings,
  Entrypoint: command,
  Cmd: command,
  Volumes: object,
  WorkingDir: string,
  Labels: (at) => at.stringMap(),
  StopSignal: string,
  StopTimeout: integer,
  Healthcheck: (at) => readFields(at, healthcheckReaders),
  OnBuild: strings,
  Shell: command,
  ArgsEscaped: boolean,
};

/** Each field through its reader, unknown ones as they are, null ones not at all. */
function readFields(cursor: JsonCursor, known: Readers): Record<string, unknown> {
  const names = Object.keys(cursor.object()).filter((name) => cursor.field(name).present);
  return Object.fromEntries(
    names.map((name) => {
      const read = Object.hasOwn(known, name) ? known[name] : undefined;
      const field = cursor.field(name);
      return [name, read === undefined ? field.value : read(field)];
    }),
  );
}

/** The run configuration at `cursor`, or the error of its document. */
export function readRunConfig(cursor: JsonCursor): RunConfig {
  return readFields(cursor, readers);
}
