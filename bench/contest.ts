import { availableParallelism, cpus } from 'node:os';
import { succeed } from '../test/support/peers.ts';
import { openGround } from './ground.ts';

/** One tool at one task. */
export interface Contestant {
  readonly name: string;
  /**
   * Makes all ready on a fresh file system; what it answers is timed. The stack's resources (a daemon) end after
   * the run, before the file system.
   */
  prepare(directory: string, stack: AsyncDisposableStack): Promise<() => Promise<void>>;
}

/** Seconds that a contestant's runs took. */
export interface Timing {
  readonly name: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** One claim: what is measured, and who takes part. The first contestant is ours; the others are compared with it. */
export interface Contest {
  readonly title: string;
  readonly contestants: readonly [Contestant, ...Contestant[]];
}

/** An odd number, so that the median is one of the runs. */
const defaultRuns = 5;

/**
 * Runs all contestants in turn, A B C A B C …, each run on a fresh file system and with the caches warm: the
 * machine's changing mood falls on all alike. The first round is not counted.
 */
export async function hold(contest: Contest, runs = defaultRuns): Promise<readonly Timing[]> {
  const seconds = new Map<string, number[]>();
  for (let round = 0; round <= runs; round++) {
    for (const contestant of contest.contestants) {
      const taken = await time(contestant);
      if (round > 0) seconds.set(contestant.name, [...(seconds.get(contestant.name) ?? []), taken]);
    }
  }
  return [...seconds].map(([name, taken]) => {
    const sorted = taken.toSorted((a, b) => a - b);
    return { name, median: sorted[runs >> 1]!, min: sorted[0]!, max: sorted.at(-1)! };
  });
}

async function time(contestant: Contestant): Promise<number> {
  await using ground = await openGround();
  await using stack = new AsyncDisposableStack();
  const run = await contestant.prepare(ground.directory, stack);
  await succeed('sync', ['--file-system', ground.directory]);
  const started = performance.now();
  await run();
  return (performance.now() - started) / 1000;
}

/** The result as a table in Markdown. */
export function report({ title }: Contest, timings: readonly Timing[], runs = defaultRuns): string {
  const ours = timings[0]!;
  const rows = timings.map(({ name, median, min, max }) => {
    const ratio = name === ours.name ? '' : (ours.median / median).toFixed(2);
    return `| ${name} | ${median.toFixed(2)} | ${min.toFixed(2)}..${max.toFixed(2)} | ${ratio} |`;
  });
  return [
    `### ${title}`,
    '',
    `Medians of ${runs}, in turn, ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}).`,
    '',
    '| tool | s | min..max | gantry / tool |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
