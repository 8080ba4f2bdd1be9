import { type Command, defineCommand } from '#cli';
import { runDaemon } from '../daemon.ts';
import type { Surroundings } from '../places.ts';
import { daemonFlags, daemonSettings, reportFailure } from './daemon.ts';

/** `gantry up`: the daemon with everything by default, for whoever tries it: it says what to type next. */
export function upCommand(surroundings: Surroundings): Command {
  return defineCommand({
    name: 'up',
    usage: '[OPTIONS]',
    short: 'Bring Gantry up here and say what to type next',
    examples: ['up', 'up --data-root /tmp/gantry'],
    flags: daemonFlags,
    arity: { min: 0, max: 0 },
    async run({ io, flags, signal }) {
      const settings = await daemonSettings(flags, io, surroundings);
      const [host = ''] = settings.hosts;
      await runDaemon(settings, {
        ...surroundings,
        signal,
        onReady: () => {
          io.stdout.write(nextSteps(host, settings.dataRoot));
        },
        onFailure: reportFailure(io),
      });
      return undefined;
    },
  });
}

function nextSteps(host: string, dataRoot: string): string {
  return `Gantry is up: it serves ${host} and keeps images in ${dataRoot}.

In another terminal, type:

  npx gantry pull busybox        fetch an image
  npx gantry images              see what is here
  docker -H ${host} images       the same, with the docker command

Ctrl-C stops it.
`;
}
