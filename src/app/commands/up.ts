import { type Command, defineCommand } from '#cli';
import { runDaemon } from '../daemon.ts';
import { defaultSocket, type Surroundings } from '../places.ts';
import { settingFlags } from '../settings/given.ts';
import { daemonLog, daemonSettings } from './daemon.ts';

/** `gantry up`: the daemon with everything by default, for whoever tries it: it says what to type next. */
export function upCommand(surroundings: Surroundings): Command {
  return defineCommand({
    name: 'up',
    usage: '[OPTIONS]',
    short: 'Bring Gantry up here and say what to type next',
    examples: ['up', 'up --data-root /tmp/gantry'],
    flags: settingFlags,
    arity: { min: 0, max: 0 },
    async run(invocation) {
      const { io, signal } = invocation;
      const resolved = await daemonSettings(invocation, surroundings);
      const { dataRoot } = resolved.settings;
      const log = await daemonLog(resolved, io);
      // Who tries it reads what to type next, and not a line for each request.
      if (resolved.from.logLevel === 'default' && !resolved.settings.debug) log.setLevel('warn');
      await runDaemon(resolved, {
        ...surroundings,
        signal,
        log,
        onReady: ([address = '']) => {
          io.stdout.write(nextSteps(address, dataRoot, surroundings));
        },
      });
      return undefined;
    },
  });
}

/** What to type in another terminal; the command finds a daemon at the default socket by itself. */
function nextSteps(host: string, dataRoot: string, surroundings: Surroundings): string {
  const gantry = host === `unix://${defaultSocket(surroundings)}` ? 'gantry' : `gantry --host ${host}`;
  return `Gantry is up: it serves ${host} and keeps images in ${dataRoot}.

In another terminal, type:

  npx ${gantry} pull busybox      fetch an image
  npx ${gantry} images            see what is here
  docker -H ${host} images        the same, with the docker command

Ctrl-C stops it.
`;
}
