import { GantryError } from '#errors';
import { defineCommand } from '../command.ts';
import { completionScripts, type Shell, shells } from '../completion-scripts.ts';

export const completion = defineCommand({
  name: 'completion',
  usage: 'bash|zsh|fish',
  short: 'Print what a shell reads to complete commands, flags and images',
  examples: [
    'completion bash > ~/.local/share/bash-completion/completions/gantry',
    'completion fish | source',
  ],
  words: shells,
  flags: {},
  arity: { min: 1, max: 1 },
  async run({ io, args: [shell = ''] }) {
    if (!isShell(shell)) {
      throw new GantryError(
        'invalid-argument',
        'shell-unknown',
        `there is no completion for ${JSON.stringify(shell)}: give one of ${shells.join(', ')}`,
        { subject: { shell } },
      );
    }
    io.stdout.write(completionScripts[shell]);
    return undefined;
  },
});

function isShell(text: string): text is Shell {
  return (shells as readonly string[]).includes(text);
}
