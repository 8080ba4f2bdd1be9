import type { EngineClient } from '#engine-client';
import { findError, isAbort } from '#errors';
import {
  arityProblem,
  globalFlags,
  inGroup,
  topLevel,
  usageLine,
  type Found,
  type Group,
  type Invocation,
  type Program,
} from './command.ts';
import { complete } from './complete.ts';
import { errorText } from './error-text.ts';
import { parseFlags, type Flags, type ParsedFlags } from './flags.ts';
import { commandHelp, groupHelp, programHelp } from './help.ts';
import { nearest } from './suggest.ts';
import { describeTerminal, type CommandIO } from './terminal.ts';

// Docker's exit codes: a mistake in the flags, any other error, and a program that SIGINT ended (128 + 2).
const flagMistake = 125;
const failure = 1;
const interrupted = 130;
/** Errors with an exit code of their own: docker's for a template of one object that cannot be read. */
const exitCodes: Readonly<Record<string, number>> = { 'format-syntax': 64 };

const helpFlag = {
  help: { type: 'boolean', short: 'h', usage: 'Print usage', hidden: true },
} as const satisfies Flags;

/** What a program runs in. */
export interface ProgramContext {
  readonly io: CommandIO;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** Opens the daemon that the flags before the command and the environment name. */
  readonly connect: (globals: Invocation['globals'], signal: AbortSignal) => Promise<EngineClient>;
}

/**
 * Runs the program with the words behind its name and resolves to the exit code. All that goes wrong is printed to
 * `io.stderr`, in docker's words with the program's own name, and never thrown.
 */
export async function runProgram(
  program: Program,
  argv: readonly string[],
  context: ProgramContext,
): Promise<number> {
  return new Session(program, context).run(argv);
}

class Session {
  private readonly program: Program;
  private readonly context: ProgramContext;
  private readonly io: CommandIO;

  constructor(program: Program, context: ProgramContext) {
    this.program = program;
    this.context = context;
    this.io = context.io;
  }

  async run(argv: readonly string[]): Promise<number> {
    const { name, version } = this.program;
    const usage = { path: name, usage: `${name} [OPTIONS] COMMAND [ARG...]` };
    const global = this.parse(argv, { ...globalFlags, ...helpFlag }, { ...usage, stopAtFirst: true });
    if (global === undefined) return flagMistake;
    const [word, ...rest] = global.positionals;
    if (global.values.version) return this.print(`${version}\n`);
    const wantsHelp = word === 'help' || global.values.help;
    const path = word === 'help' ? rest : global.positionals;
    if (word === '__complete') return this.print(await complete(this.program, rest, this.context));
    if (path.length === 0) {
      const text = programHelp(this.program, this.columns());
      return wantsHelp ? this.print(text) : this.complain(text, 0);
    }
    const found = this.find(path, wantsHelp);
    if (typeof found === 'number') return found;
    return wantsHelp ? this.print(commandHelp(found, this.columns())) : this.command(found, global.values);
  }

  /** The command that the words name, or the exit code when they name a group or nothing. */
  private find([first = '', ...rest]: readonly string[], wantsHelp: boolean): Found | number {
    const top = topLevel(this.program);
    const command = top.get(first);
    if (command !== undefined) return { ...command, rest };
    const group = this.program.groups.find(({ name }) => name === first);
    if (group !== undefined) return this.findInGroup(group, rest, wantsHelp);
    return this.unknown(this.program.name, first, [
      ...top.keys(),
      ...this.program.groups.map(({ name }) => name),
    ]);
  }

  private findInGroup(group: Group, words: readonly string[], wantsHelp: boolean): Found | number {
    const path = `${this.program.name} ${group.name}`;
    const parsed = this.parse(words, helpFlag, { path, usage: path, stopAtFirst: true });
    if (parsed === undefined) return flagMistake;
    const [name, ...rest] = parsed.positionals;
    if (name === undefined || parsed.values.help) {
      const text = groupHelp(this.program, group);
      return parsed.values.help || wantsHelp ? this.print(text) : this.complain(text, 0);
    }
    const found = inGroup(this.program, group, name);
    if (found !== undefined) return { ...found, rest };
    return this.unknown(
      path,
      name,
      group.commands.flatMap((each) => [each.name, ...(each.aliases ?? [])]),
    );
  }

  private async command(found: Found, globals: Invocation['globals']): Promise<number> {
    const { command, path } = found;
    const usage = usageLine(path, command.usage);
    const flags: Flags = { ...command.flags, ...this.helpBeside(command.flags) };
    const parsed = this.parse(found.rest, flags, { path, usage, stopAtFirst: command.stopAtFirst ?? false });
    if (parsed === undefined) return flagMistake;
    const { values, given, positionals } = parsed;
    if (values['help'] === true) return this.print(commandHelp(found, this.columns()));
    const problem = arityProblem(command.arity, positionals.length);
    if (problem !== undefined) {
      const verb = command.arity.max === Infinity ? 'See' : 'Run';
      const first = `${this.program.name}: '${path}' ${problem}`;
      return this.complain(`${first}\n\nUsage:  ${usage}\n\n${verb} '${path} --help' for more information\n`);
    }
    const { io, signal, connect } = this.context;
    let client: Promise<EngineClient> | undefined;
    const engine = () => (client ??= connect(globals, signal));
    try {
      return (
        (await command.run({ io, signal, globals, flags: values, given, args: positionals, engine })) ?? 0
      );
    } catch (error) {
      if (isAbort(error)) return interrupted;
      return this.complain(`${errorText(error)}\n`, exitCodes[findError(error)?.code ?? '']);
    } finally {
      // A client that could not be opened was complained of already.
      await (await client?.catch(() => undefined))?.[Symbol.asyncDispose]();
    }
  }

  /** `-h` asks for help unless the command has another use for the letter, as `run` has. */
  private helpBeside(flags: Flags): Flags {
    const taken = Object.values(flags).some(({ short }) => short === 'h');
    const { short: _, ...long } = helpFlag.help;
    return taken ? { help: long } : helpFlag;
  }

  /** The parsed flags; undefined when they are wrong, which has been printed then. */
  private parse<const F extends Flags>(
    words: readonly string[],
    flags: F,
    { path, usage, stopAtFirst }: { path: string; usage: string; stopAtFirst: boolean },
  ): ParsedFlags<F> | undefined {
    try {
      return parseFlags(words, flags, { stopAtFirst });
    } catch (thrown) {
      const error = findError(thrown, { kind: 'invalid-argument' });
      if (error === undefined) throw thrown;
      const suggestion = error.subject['suggestion'];
      const hint = typeof suggestion === 'string' ? `\nDid you mean '${suggestion}'?\n` : '';
      this.complain(
        `${error.message}\n${hint}\nUsage:  ${usage}\n\nRun '${path} --help' for more information\n`,
      );
      return undefined;
    }
  }

  private unknown(path: string, word: string, known: readonly string[]): number {
    const { name } = this.program;
    const near = nearest(word, known);
    const hint = near === undefined ? '' : `Did you mean '${path} ${near}'?\n\n`;
    const usage = path === name ? '' : `Usage:  ${path}\n\n`;
    return this.complain(
      `${name}: unknown command: ${path} ${word}\n\n${hint}${usage}Run '${path} --help' for more information\n`,
    );
  }

  private columns(): number {
    return describeTerminal(this.io.stdout, this.io.env).columns ?? 80;
  }

  private print(text: string): number {
    this.io.stdout.write(text);
    return 0;
  }

  private complain(text: string, code = failure): number {
    this.io.stderr.write(text);
    return code;
  }
}
