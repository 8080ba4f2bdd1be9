import type { EngineClient } from '#engine-client';
import type { ImageSummary } from '#wire';
import { globalFlags, inGroup, topLevel, type Command, type Invocation, type Program } from './command.ts';
import { parseFlags, type Flag, type Flags } from './flags.ts';

/** A word that can stand where the cursor is. */
interface Candidate {
  readonly word: string;
  readonly about?: string;
}

/** What completion asks for images. */
interface Asking {
  readonly connect: (globals: Invocation['globals'], signal: AbortSignal) => Promise<EngineClient>;
  readonly signal: AbortSignal;
}

/** Milliseconds that a daemon has to answer: who waits at a prompt waits no longer. */
const patience = 2000;

/**
 * The words that can take the place of the last of `words`, which may be empty: a line each, with a tab and what it is
 * about. Nothing is worth an error here: where a daemon does not answer, its images are left out.
 */
export async function complete(program: Program, words: readonly string[], asking: Asking): Promise<string> {
  const before = words.slice(0, -1);
  const current = words.at(-1) ?? '';
  const position = walk(program, before);
  const found = await candidates(position, current, () => imageNames(before, current, asking));
  return found
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, about = '' }) => (about === '' ? `${word}\n` : `${word}\t${about.split('\n')[0] ?? ''}\n`))
    .join('');
}

/** Where the cursor stands. */
interface Position {
  /** The flags that may stand here; none behind `--`. */
  readonly flags: Flags;
  /** The flag whose value this is. */
  readonly waiting?: Flag | undefined;
  /** The names of commands that may stand here. */
  readonly names: readonly Candidate[];
  readonly command?: Command;
  /** How many arguments the command has already. */
  readonly count: number;
}

function walk(program: Program, words: readonly string[]): Position {
  let position: Position = { flags: globalFlags, names: firstNames(program), count: 0 };
  let group: string | undefined;
  let ended = false;
  for (const word of words) {
    if (position.waiting !== undefined) position = { ...position, waiting: undefined };
    else if (word === '--' && !ended) {
      ended = true;
      position = { ...position, flags: {} };
    } else if (word.startsWith('-') && word !== '-' && !ended) {
      position = { ...position, waiting: waitingFlag(word, position.flags) };
    } else if (position.command !== undefined) position = { ...position, count: position.count + 1 };
    else {
      const inside = program.groups.find(({ name }) => name === group);
      const command = inside ? inGroup(program, inside, word)?.command : topLevel(program).get(word)?.command;
      const opened = inside ? undefined : program.groups.find(({ name }) => name === word);
      if (command !== undefined) position = { flags: command.flags, names: [], command, count: 0 };
      else if (opened !== undefined && word !== 'help') {
        group = opened.name;
        position = { flags: {}, names: visible(opened.commands), count: 0 };
      } else if (word !== 'help') return { flags: {}, names: [], count: 0 };
    }
  }
  return position;
}

/** The flag of `--flag` or `-xf` that takes the next word as its value. */
function waitingFlag(word: string, flags: Flags): Flag | undefined {
  const letter = word.at(-1);
  const flag = word.startsWith('--')
    ? Object.entries(flags).find(([name]) => `--${name}` === word)?.[1]
    : Object.values(flags).find(({ short }) => short === letter);
  return flag?.type === 'boolean' ? undefined : flag;
}

async function candidates(
  { flags, waiting, names, command, count }: Position,
  current: string,
  images: () => Promise<readonly Candidate[]>,
): Promise<readonly Candidate[]> {
  if (waiting !== undefined) return asCandidates(waiting.values ?? []);
  const [, name] = /^--([^=]+)=/.exec(current) ?? [];
  if (name !== undefined) {
    const values = Object.entries(flags).find(([each]) => each === name)?.[1].values ?? [];
    return asCandidates(values.map((value) => `--${name}=${value}`));
  }
  if (current.startsWith('-')) return flagNames(flags);
  if (command === undefined) return names;
  if (count >= command.arity.max) return [];
  return command.words === 'images' ? images() : asCandidates(command.words ?? []);
}

function asCandidates(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word }));
}

function flagNames(flags: Flags): Candidate[] {
  const shown = Object.entries(flags).filter(([, { hidden }]) => hidden !== true);
  return [...shown.map(([name, { usage }]) => ({ word: `--${name}`, about: usage.replaceAll('`', '') }))]
    .concat({ word: '--help', about: 'Print usage' })
    .sort(byWord);
}

function firstNames(program: Program): Candidate[] {
  const commands = [...topLevel(program)].map(([name, { command }]) => ({ ...command, name }));
  return [
    ...visible(commands),
    ...visible(program.groups),
    { word: 'help', about: 'Explain a command' },
  ].sort(byWord);
}

function visible(entries: readonly { name: string; short: string; hidden?: boolean }[]): Candidate[] {
  return entries
    .filter(({ hidden }) => hidden !== true)
    .map(({ name, short }) => ({ word: name, about: short }));
}

const byWord = (a: Candidate, b: Candidate): number => (a.word < b.word ? -1 : 1);

/** The names of the store's images; their ids, too, when one has been begun. */
async function imageNames(
  before: readonly string[],
  current: string,
  { connect, signal }: Asking,
): Promise<readonly Candidate[]> {
  try {
    const { values } = parseFlags(before, globalFlags, { stopAtFirst: true });
    const limited = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
    await using client = await connect(values, limited);
    const answer = await client.request({ method: 'GET', path: '/images/json', signal: limited });
    const images = (await answer.json()) as readonly ImageSummary[];
    const names = images.flatMap(({ RepoTags }) =>
      (RepoTags ?? []).filter((name) => !name.includes('<none>')),
    );
    const ids = images.map(({ Id }) => (current.startsWith('sha256:') ? Id : Id.slice('sha256:'.length, 19)));
    return asCandidates([...names.sort(), ...(current === '' ? [] : ids)]);
  } catch {
    // A prompt is no place for complaints.
    return [];
  }
}
