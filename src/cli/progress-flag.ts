import type { Flag } from './flags.ts';

/** How progress is shown: `auto` follows the terminal. */
export type ProgressMode = 'auto' | 'plain' | 'json' | 'quiet';

const modes: readonly string[] = ['auto', 'plain', 'json', 'quiet'] satisfies readonly ProgressMode[];

/** The flag of commands that show a stream of progress. */
export const progressFlag = {
  type: 'string',
  default: 'auto',
  values: modes,
  usage: 'Show progress as "auto", "plain", "json" or "quiet"',
  check: (text) => {
    if (!modes.includes(text)) throw new Error(`give one of ${modes.join(', ')}`);
  },
} as const satisfies Flag<'string'>;

/** What the flags ask for; `--quiet` is the same as `--progress=quiet` and stands above every other mode. */
export function progressMode({
  progress,
  quiet = false,
}: {
  readonly progress: string;
  readonly quiet?: boolean;
}): ProgressMode {
  // `check` let only these through.
  return quiet ? 'quiet' : (progress as ProgressMode);
}
