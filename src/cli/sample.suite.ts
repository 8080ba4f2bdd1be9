import { Readable, Writable } from 'node:stream';
import { defineCommand, runProgram, type CommandIO, type Invocation, type Program } from './index.ts';

/** What the commands of the sample were called with. */
export type Call = Pick<Invocation, 'args' | 'globals'> & { readonly name: string; readonly flags: object };

const format = [
  'Format output using a custom template:',
  "'table':            Print output in table format with column headers (default)",
  "'table TEMPLATE':   Print output in table format using the given Go template",
  "'json':             Print in JSON format",
  "'TEMPLATE':         Print output using the given Go template.",
  'Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates',
].join('\n');
const platform = (verb: string): string => {
  return `${verb} the given platform${verb.startsWith('Show') ? '' : ' variant'}. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")`;
};

/** A piece of docker as this module describes it, which records its calls. */
function createSample(name: string, calls: Call[]): Program {
  const record = (command: string) => {
    return async ({
      args,
      flags,
      globals,
    }: {
      args: readonly string[];
      flags: object;
      globals: Invocation['globals'];
    }) => {
      calls.push({ name: command, args, flags, globals });
      return undefined;
    };
  };
  const list = defineCommand({
    name: 'ls',
    aliases: ['list'],
    shortcut: 'images',
    common: 7,
    usage: '[OPTIONS] [REPOSITORY[:TAG]]',
    short: 'List images',
    flags: {
      all: { type: 'boolean', short: 'a', usage: 'Show all images (default hides intermediate images)' },
      digests: { type: 'boolean', usage: 'Show digests' },
      filter: { type: 'filter', short: 'f', usage: 'Filter output based on conditions provided' },
      format: { type: 'string', usage: format },
      'no-trunc': { type: 'boolean', usage: "Don't truncate output" },
      quiet: { type: 'boolean', short: 'q', usage: 'Only show image IDs' },
      tree: { type: 'boolean', usage: 'List multi-platform images as a tree (EXPERIMENTAL)' },
    },
    arity: { min: 0, max: 1 },
    run: record('ls'),
  });
  const remove = defineCommand({
    name: 'rm',
    aliases: ['remove'],
    shortcut: 'rmi',
    usage: '[OPTIONS] IMAGE [IMAGE...]',
    short: 'Remove one or more images',
    flags: {
      force: { type: 'boolean', short: 'f', usage: 'Force removal of the image' },
      'no-prune': { type: 'boolean', usage: 'Do not delete untagged parents' },
      platform: { type: 'strings', usage: platform('Remove only') },
    },
    arity: { min: 1, max: Infinity },
    run: record('rm'),
  });
  const history = defineCommand({
    name: 'history',
    shortcut: 'history',
    usage: '[OPTIONS] IMAGE',
    short: 'Show the history of an image',
    flags: {
      format: { type: 'string', usage: format },
      human: {
        type: 'boolean',
        short: 'H',
        default: true,
        usage: 'Print sizes and dates in human readable format',
      },
      'no-trunc': { type: 'boolean', usage: "Don't truncate output" },
      platform: { type: 'string', usage: platform('Show history for') },
      quiet: { type: 'boolean', short: 'q', usage: 'Only show image IDs' },
    },
    arity: { min: 1, max: 1 },
    run: record('history'),
  });
  const tag = defineCommand({
    name: 'tag',
    shortcut: 'tag',
    usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
    short: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    flags: {},
    arity: { min: 2, max: 2 },
    run: record('tag'),
  });
  const copy = defineCommand({
    name: 'cp',
    shortcut: 'cp',
    usage: ['[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-', '[OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH'],
    short: 'Copy files/folders between a container and the local filesystem',
    long: [
      'Copy files/folders between a container and the local filesystem',
      '',
      "Use '-' as the source to read a tar archive from stdin",
      'and extract it to a directory destination in a container.',
      "Use '-' as the destination to stream a tar archive of a",
      'container source to stdout.',
    ].join('\n'),
    flags: {
      archive: { type: 'boolean', short: 'a', usage: 'Archive mode (copy all uid/gid information)' },
      'follow-link': { type: 'boolean', short: 'L', usage: 'Always follow symbol link in SRC_PATH' },
      quiet: {
        type: 'boolean',
        short: 'q',
        usage:
          'Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached',
      },
    },
    arity: { min: 2, max: 2 },
    run: record('cp'),
  });
  const commit = defineCommand({
    name: 'commit',
    shortcut: 'commit',
    usage: '[OPTIONS] CONTAINER [REPOSITORY[:TAG]]',
    short: "Create a new image from a container's changes",
    flags: {
      author: {
        type: 'string',
        short: 'a',
        usage: 'Author (e.g., "John Hannibal Smith <hannibal@a-team.com>")',
      },
      change: { type: 'list', short: 'c', usage: 'Apply Dockerfile instruction to the created image' },
      message: { type: 'string', short: 'm', usage: 'Commit message' },
      pause: { type: 'boolean', short: 'p', default: true, usage: 'Pause container during commit' },
    },
    arity: { min: 1, max: 2 },
    run: record('commit'),
  });
  const listContainers = defineCommand({
    name: 'ls',
    aliases: ['list', 'ps'],
    shortcut: 'ps',
    usage: '[OPTIONS]',
    short: 'List containers',
    flags: {
      all: { type: 'boolean', short: 'a', usage: 'Show all containers (default shows just running)' },
      filter: { type: 'filter', short: 'f', usage: 'Filter output based on conditions provided' },
      format: { type: 'string', usage: format },
      last: {
        type: 'int',
        short: 'n',
        default: -1,
        usage: 'Show n last created containers (includes all states)',
      },
      latest: {
        type: 'boolean',
        short: 'l',
        usage: 'Show the latest created container (includes all states)',
      },
      'no-trunc': { type: 'boolean', usage: "Don't truncate output" },
      quiet: { type: 'boolean', short: 'q', usage: 'Only display container IDs' },
      size: { type: 'boolean', short: 's', usage: 'Display total file sizes' },
    },
    arity: { min: 0, max: 0 },
    run: record('ps'),
  });
  const run = defineCommand({
    name: 'run',
    usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
    short: 'Create and run a new container from an image',
    flags: {
      env: { type: 'list', short: 'e', usage: 'Set environment variables' },
      hostname: { type: 'string', short: 'h', usage: 'Container host name' },
      memory: { type: 'bytes', short: 'm', usage: 'Memory limit' },
      rm: {
        type: 'boolean',
        usage: 'Automatically remove the container and its associated anonymous volumes when it exits',
      },
    },
    stopAtFirst: true,
    arity: { min: 1, max: Infinity },
    run: record('run'),
  });
  return {
    name,
    short: 'A self-sufficient runtime for containers',
    version: `${name} version 1`,
    groups: [
      { name: 'image', short: 'Manage images', commands: [list, remove, history, tag] },
      { name: 'container', short: 'Manage containers', commands: [copy, commit, listContainers] },
    ],
    commands: [run],
  };
}

/** What a run of the sample left behind. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly calls: readonly Call[];
}

/** Runs the sample under the name in memory. */
export async function runSample(
  name: string,
  argv: readonly string[],
  env: CommandIO['env'] = {},
): Promise<Outcome> {
  const calls: Call[] = [];
  return { ...(await runInMemory(createSample(name, calls), argv, env)), calls };
}

/** Runs a program with streams in memory. */
export async function runInMemory(
  program: Program,
  argv: readonly string[],
  env: CommandIO['env'] = {},
): Promise<Omit<Outcome, 'calls'>> {
  const written = { stdout: '', stderr: '' };
  const capture = (name: 'stdout' | 'stderr'): Writable => {
    return new Writable({
      write: (chunk, _, done) => {
        written[name] += String(chunk);
        done();
      },
    });
  };
  const io = {
    stdout: capture('stdout'),
    stderr: capture('stderr'),
    stdin: Readable.from([]),
    env,
    cwd: '/',
  };
  const code = await runProgram(program, argv, {
    io,
    signal: new AbortController().signal,
    connect: () => Promise.reject(new Error('the sample has no daemon')),
  });
  return { code, ...written };
}
