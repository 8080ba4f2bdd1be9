import { GantryError, toError } from '#errors';
import { readers, type FlagType, type FlagValues } from './flag-types.ts';
import { nearest } from './suggest.ts';

/** One flag as data. */
export interface Flag<Type extends FlagType = FlagType> {
  readonly type: Type;
  /** One letter. */
  readonly short?: string;
  /** What help says. A word in backquotes is the placeholder of the value. */
  readonly usage: string;
  /** The value when the flag is not given; by itself the zero value of the type. */
  readonly default?: FlagValues[Type];
  /** The default as help shows it; by itself the default, unless it is the zero value. */
  readonly shownDefault?: string;
  /** The word for the value in help; by itself that of the type. */
  readonly placeholder?: string;
  /** All values that there are, for completion. */
  readonly values?: readonly string[];
  /** Left out of help. */
  readonly hidden?: boolean;
  /** Throws an Error when a text is no value for this flag, though it is one of the type. */
  readonly check?: (text: string) => void;
}

/** The flags of a command by their names. */
export type Flags = Readonly<Record<string, { readonly [Type in FlagType]: Flag<Type> }[FlagType]>>;

/** `no-trunc` as TypeScript spells it: `noTrunc`. */
type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** The values of flags by their camelCase names. */
export type Values<F extends Flags> = {
  readonly [Name in keyof F & string as CamelCase<Name>]: FlagValues[F[Name]['type']];
};

/** What a command line says. */
export interface ParsedFlags<F extends Flags> {
  readonly values: Values<F>;
  /** The names of the flags that were given, as declared. */
  readonly given: ReadonlySet<keyof F & string>;
  /** What is no flag, in order. */
  readonly positionals: readonly string[];
}

/**
 * Reads a command line as docker does (its library is spf13/pflag): `--flag=value`, `--flag value`, `-f value`,
 * `-fvalue`, `-f=value`, `-aq`, `--bool=false`, and `--` before what is no flag. With `stopAtFirst` the first
 * positional ends the flags: what follows belongs to another program.
 *
 * @throws GantryError `flag-syntax`, `unknown-flag`, `flag-needs-argument`, `flag-value`, worded as pflag words them.
 * The subject of `unknown-flag` has a `suggestion` when a known flag is near.
 */
export function parseFlags<const F extends Flags>(
  argv: readonly string[],
  flags: F,
  { stopAtFirst = false }: { stopAtFirst?: boolean } = {},
): ParsedFlags<F> {
  const parser = new FlagParser(argv, flags, stopAtFirst);
  const { values, given } = parser.run();
  return {
    values: values as Values<F>,
    given: given,
    positionals: parser.positionals,
  };
}

class FlagParser {
  readonly positionals: string[] = [];
  private readonly left: string[];
  private readonly flags: Flags;
  private readonly stopAtFirst: boolean;
  private readonly values = new Map<string, unknown>();

  constructor(argv: readonly string[], flags: Flags, stopAtFirst: boolean) {
    this.left = [...argv];
    this.flags = flags;
    this.stopAtFirst = stopAtFirst;
  }

  run(): { values: object; given: ReadonlySet<string> } {
    for (let word = this.left.shift(); word !== undefined; word = this.left.shift()) {
      if (word === '--') this.positionals.push(...this.left.splice(0));
      else if (word.startsWith('--')) this.long(word);
      else if (word.startsWith('-') && word !== '-') this.shorts(word.slice(1));
      else {
        this.positionals.push(word);
        if (this.stopAtFirst) this.positionals.push(...this.left.splice(0));
      }
    }
    const values = Object.entries(this.flags).map(([name, flag]) => [
      name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
      this.values.has(name) ? this.values.get(name) : (flag.default ?? readers[flag.type].zero),
    ]);
    return { values: Object.fromEntries(values) as object, given: new Set(this.values.keys()) };
  }

  private long(word: string): void {
    const [, name = '', value] = /^--([^=]*)(?:=([\s\S]*))?$/.exec(word) ?? [];
    if (name === '' || name.startsWith('-')) throw usageError('flag-syntax', `bad flag syntax: ${word}`);
    const flag = Object.hasOwn(this.flags, name) ? this.flags[name] : undefined;
    if (flag === undefined) {
      const suggestion = nearest(name, this.visible());
      throw usageError('unknown-flag', `unknown flag: --${name}`, suggestion && `--${suggestion}`);
    }
    this.set(name, flag, value ?? this.implied(flag) ?? this.following(word));
  }

  /** A group of letters, of which the last may have a value. */
  private shorts(group: string): void {
    for (let rest = group; rest !== '';) {
      const letter = String.fromCodePoint(rest.codePointAt(0) ?? 0);
      const [name, flag] = Object.entries(this.flags).find(([, { short }]) => short === letter) ?? [];
      if (name === undefined || flag === undefined) {
        throw usageError('unknown-flag', `unknown shorthand flag: '${letter}' in -${rest}`);
      }
      const after = rest.slice(letter.length);
      const implied = this.implied(flag);
      if (after.startsWith('=') && after.length > 1) {
        this.set(name, flag, after.slice(1));
        return;
      }
      if (implied === undefined) {
        this.set(name, flag, after === '' ? this.following(`'${letter}' in -${rest}`) : after);
        return;
      }
      this.set(name, flag, implied);
      rest = after;
    }
  }

  /** What a flag without a value means. */
  private implied(flag: Flag): string | undefined {
    return flag.type === 'boolean' ? 'true' : undefined;
  }

  private following(flag: string): string {
    return this.left.shift() ?? fail('flag-needs-argument', `flag needs an argument: ${flag}`);
  }

  private set(name: string, flag: Flag, text: string): void {
    const first = !this.values.has(name);
    const before = first ? (flag.default ?? readers[flag.type].zero) : this.values.get(name);
    try {
      // The reader of a type takes and gives values of that type only.
      this.values.set(name, readers[flag.type].read(text, before as never, first));
      flag.check?.(text);
    } catch (error) {
      const shown = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
      fail(
        'flag-value',
        `invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${toError(error).message}`,
      );
    }
  }

  private visible(): string[] {
    return Object.entries(this.flags).flatMap(([name, { hidden }]) => (hidden === true ? [] : name));
  }
}

function fail(code: string, message: string): never {
  throw usageError(code, message);
}

function usageError(code: string, message: string, suggestion?: string): GantryError {
  return new GantryError('invalid-argument', code, message, { subject: suggestion ? { suggestion } : {} });
}
