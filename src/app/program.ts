import { gantryProgram, type Program } from '#cli';
import { daemonCommand } from './commands/daemon.ts';
import { dialStdioCommand } from './commands/dial-stdio.ts';
import { mirrorConfigCommand } from './commands/mirror-config.ts';
import { registryCommand } from './commands/registry.ts';
import { upCommand } from './commands/up.ts';
import type { Surroundings } from './places.ts';
import { version } from './version.ts';

/** All commands: those that speak to a daemon, and those that are one. */
export function wholeProgram(surroundings: Surroundings): Program {
  return gantryProgram(version, {
    groups: [
      {
        name: 'mirror',
        short: 'Prepare clients for a mirror of registries',
        commands: [mirrorConfigCommand],
      },
    ],
    system: [dialStdioCommand(surroundings)],
    commands: [daemonCommand(surroundings), registryCommand(surroundings), upCommand(surroundings)],
  });
}
