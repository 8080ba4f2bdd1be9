import { join } from 'node:path';
import type { Contest } from './contest.ts';
import { dockerd, gantry, podman, program } from './tools.ts';

/** What the contests work on. */
export interface Subject {
  /** An image at a registry on loopback. */
  readonly image: string;
  /** The same image as dockerd saved it. */
  readonly archive: string;
}

/** Each claim about speed, by the name that it is run by. */
export const contests: Readonly<Record<string, (subject: Subject) => Contest>> = {
  pull: ({ image }) => {
    const task = () => ({ timed: [['pull', '--quiet', image]] });
    return {
      title: 'pull, ready to run',
      contestants: [
        gantry(task),
        podman(task),
        dockerd(task),
        program('skopeo (no unpacking)', (directory) => [
          'skopeo',
          ...[
            'copy',
            '--quiet',
            '--src-tls-verify=false',
            `docker://${image}`,
            `dir:${join(directory, 'image')}`,
          ],
        ]),
      ],
    };
  },
  load: ({ archive }) => {
    const task = () => ({ timed: [['load', '--quiet', '--input', archive]] });
    return {
      title: 'load of a docker archive, ready to run',
      contestants: [gantry(task), podman(task), dockerd(task)],
    };
  },
  save: ({ image }) => {
    const task = (directory: string) => ({
      before: [['pull', '--quiet', image]],
      timed: [['save', '--output', join(directory, 'saved.tar'), image]],
    });
    return { title: 'save', contestants: [gantry(task), podman(task), dockerd(task)] };
  },
};
