import type { Command, Program } from './command.ts';
import { history } from './commands/history.ts';
import { imageInspect } from './commands/image-inspect.ts';
import { imagePrune } from './commands/image-prune.ts';
import { images } from './commands/images.ts';
import { inspect } from './commands/inspect.ts';
import { pull } from './commands/pull.ts';
import { push } from './commands/push.ts';
import { rmi } from './commands/rmi.ts';
import { tag } from './commands/tag.ts';

/** All of `gantry`: the commands that speak to a daemon, and `extra` ones that are one. */
export function gantryProgram(version: string, extra: { readonly commands: readonly Command[] }): Program {
  return {
    name: 'gantry',
    short: 'Container images: pull, keep, make, serve',
    version: `Gantry version ${version}`,
    groups: [
      {
        name: 'image',
        short: 'Manage images',
        commands: [history, imageInspect, imagePrune, images, pull, push, rmi, tag],
      },
    ],
    commands: [inspect, ...extra.commands],
  };
}
