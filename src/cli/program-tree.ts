import type { Command, Group, Program } from './command.ts';
import { completion } from './commands/completion.ts';
import { events } from './commands/events.ts';
import { fsck } from './commands/fsck.ts';
import { gc } from './commands/gc.ts';
import { history } from './commands/history.ts';
import { imageInspect } from './commands/image-inspect.ts';
import { imagePrune } from './commands/image-prune.ts';
import { images } from './commands/images.ts';
import { importImage } from './commands/import.ts';
import { info } from './commands/info.ts';
import { inspect } from './commands/inspect.ts';
import { load } from './commands/load.ts';
import { login } from './commands/login.ts';
import { logout } from './commands/logout.ts';
import { pull } from './commands/pull.ts';
import { push } from './commands/push.ts';
import { rmi } from './commands/rmi.ts';
import { save } from './commands/save.ts';
import { search } from './commands/search.ts';
import { systemDf } from './commands/system-df.ts';
import { systemPrune } from './commands/system-prune.ts';
import { tag } from './commands/tag.ts';
import { version } from './commands/version.ts';

/** All of `gantry`, of that version: what speaks to a daemon, and `extra` commands that are one, some in the group `system`. */
export function gantryProgram(
  ownVersion: string,
  extra: {
    readonly groups?: readonly Group[];
    readonly system?: readonly Command[];
    readonly commands?: readonly Command[];
  } = {},
): Program {
  return {
    name: 'gantry',
    short: 'Container images: pull, keep, make, serve',
    version: `Gantry version ${ownVersion}`,
    groups: [
      {
        name: 'image',
        short: 'Manage images',
        commands: [history, imageInspect, imagePrune, images, importImage, load, pull, push, rmi, save, tag],
      },
      {
        name: 'system',
        short: 'Look after the daemon and its store',
        commands: [events, info(ownVersion), systemDf, systemPrune, ...(extra.system ?? [])],
      },
      ...(extra.groups ?? []),
    ],
    commands: [
      completion,
      fsck,
      gc,
      inspect,
      login,
      logout,
      search,
      version(ownVersion),
      ...(extra.commands ?? []),
    ],
  };
}
