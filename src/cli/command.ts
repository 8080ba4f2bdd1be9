import type { EngineClient } from '#engine-client';
import type { Flags, Values } from './flags.ts';
import type { CommandIO } from './terminal.ts';

/** How many words a command takes behind its flags. */
export interface Arity {
  readonly min: number;
  /** Infinity for any number. */
  readonly max: number;
}

/** What one run of a command gets. */
export interface Invocation<F extends Flags = Flags> {
  readonly io: CommandIO;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  /** The values of the flags that stand before the command. */
  readonly globals: Values<GlobalFlags>;
  readonly flags: Values<F>;
  /** The names of the flags that were given. */
  readonly given: ReadonlySet<keyof F & string>;
  /** As many as the arity allows. */
  readonly args: readonly string[];
  /** The daemon that the flags and the environment name; opened at the first call, closed after the run. */
  readonly engine: () => Promise<EngineClient>;
}

/** A command as data: it is parsed, explained and run from this. Make one with defineCommand. */
export interface Command<F extends Flags = Flags> {
  readonly name: string;
  /** Other names in the same group. */
  readonly aliases?: readonly string[];
  /** The name at the top: `images` for `image ls`. */
  readonly shortcut?: string;
  /** The place among the common commands in the first help, from 1; without one it is listed below them. */
  readonly common?: number;
  /** The words behind the name; several when there are several forms. */
  readonly usage: string | readonly string[];
  /** One line for lists of commands. */
  readonly short: string;
  /** For the command's own help, when `short` does not say it all. */
  readonly long?: string;
  /** Command lines without the program's name, shown in help. */
  readonly examples?: readonly string[];
  /** For programs: left out of help. */
  readonly hidden?: boolean;
  /** What its arguments can be, for completion: names of images, or these. */
  readonly words?: 'images' | readonly string[];
  readonly flags: F;
  readonly arity: Arity;
  /** The first argument ends the flags: what follows belongs to the program in a container. */
  readonly stopAtFirst?: boolean;
  /** Resolves to the exit code; nothing is 0. Errors are printed by the caller, with the exit code 1. */
  run(invocation: Invocation<F>): Promise<number | undefined>;
}

/** Commands about one kind of thing: `image`. */
export interface Group {
  readonly name: string;
  readonly short: string;
  readonly commands: readonly Command[];
}

/** The whole program. */
export interface Program {
  readonly name: string;
  readonly short: string;
  /** What `--version` prints. */
  readonly version: string;
  readonly groups: readonly Group[];
  /** Commands that belong to no group. */
  readonly commands: readonly Command[];
}

/** The flags before the command, which all commands share. */
export const globalFlags = {
  'config-file': {
    type: 'string',
    usage: 'Configuration file of the store, when there is no daemon',
  },
  'data-root': { type: 'string', usage: 'Work on the store in this directory, without a daemon' },
  config: { type: 'string', usage: 'Location of client config files' },
  context: {
    type: 'string',
    short: 'c',
    usage: 'Name of the context to use to connect to the daemon (overrides DOCKER_HOST env var)',
  },
  debug: { type: 'boolean', short: 'D', usage: 'Enable debug mode' },
  host: { type: 'list', short: 'H', usage: 'Daemon socket to connect to' },
  'log-level': {
    type: 'string',
    short: 'l',
    default: 'info',
    usage: 'Set the logging level ("debug", "info", "warn", "error", "fatal")',
  },
  tls: { type: 'boolean', usage: 'Use TLS; implied by --tlsverify' },
  tlscacert: { type: 'string', usage: 'Trust certs signed only by this CA' },
  tlscert: { type: 'string', usage: 'Path to TLS certificate file' },
  tlskey: { type: 'string', usage: 'Path to TLS key file' },
  tlsverify: { type: 'boolean', usage: 'Use TLS and verify the remote' },
  version: { type: 'boolean', short: 'v', usage: 'Print version information and quit' },
} as const satisfies Flags;

export type GlobalFlags = typeof globalFlags;

/** The command as it is: this gives `run` the types of the flags that it declares. */
export function defineCommand<const F extends Flags>(command: Command<F>): Command {
  // `run` is called only with what parseFlags makes of these same flags.
  return command;
}

/** A command as it was called: `gantry images` and `gantry image ls` differ in their path. */
export interface Found {
  readonly command: Command;
  readonly path: string;
  /** All ways to call it; empty when there is one. */
  readonly aliases: readonly string[];
  /** What follows the command's name. */
  readonly rest: readonly string[];
}

/** The commands that can be called without a group, by name. */
export function topLevel(program: Program): Map<string, Found> {
  const own = program.commands.map((command) => describe(program, undefined, command));
  const shortcuts = program.groups.flatMap((group) => {
    return group.commands
      .filter(({ shortcut }) => shortcut !== undefined)
      .map((command) => ({
        ...describe(program, group, command),
        path: `${program.name} ${command.shortcut ?? ''}`,
      }));
  });
  return new Map([...own, ...shortcuts].map((found) => [found.path.slice(program.name.length + 1), found]));
}

/** The command of that name in the group, with the path that leads there. */
export function inGroup(program: Program, group: Group, name: string): Found | undefined {
  const command = group.commands.find((each) => each.name === name || each.aliases?.includes(name));
  return command && describe(program, group, command);
}

function describe(program: Program, group: Group | undefined, command: Command): Found {
  const parent = group === undefined ? program.name : `${program.name} ${group.name}`;
  const names = [command.name, ...(command.aliases ?? [])].map((name) => `${parent} ${name}`);
  const all = command.shortcut === undefined ? names : [...names, `${program.name} ${command.shortcut}`];
  return { command, path: `${parent} ${command.name}`, aliases: all.length > 1 ? all : [], rest: [] };
}

/** The usage line: the path with each form of the words behind it. */
export function usageLine(path: string, usage: Command['usage']): string {
  const forms = typeof usage === 'string' ? [usage] : usage;
  return forms.map((words) => `${path} ${words}`.trimEnd()).join('\n\t');
}

/** What is wrong with the number of arguments, in docker's words, or undefined. */
export function arityProblem({ min, max }: Arity, count: number): string | undefined {
  if (count >= min && count <= max) return undefined;
  if (max === 0) return 'accepts no arguments';
  const plural = (number: number): string => `${number} argument${number === 1 ? '' : 's'}`;
  if (min === max) return `requires ${plural(min)}`;
  if (max === Infinity) return `requires at least ${plural(min)}`;
  if (min === 0) return `requires at most ${plural(max)}`;
  return `requires at least ${min} and at most ${plural(max)}`;
}
