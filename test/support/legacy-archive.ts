import { tarOf } from './compose-image.ts';
import type { Files } from './image-archives.ts';

/** The ids of the two images of `legacyArchive`, base first. */
export const legacyIds = ['a'.repeat(64), 'b'.repeat(64)] as const;

/** An archive as Docker 1.9 saved it: a folder an image, and tags for the upper one. */
export function legacyArchive(): Files {
  const [base, top] = legacyIds;
  const common = {
    created: '2015-06-01T10:00:00.5Z',
    container: 'c'.repeat(64),
    docker_version: '1.9.1',
    architecture: 'amd64',
    os: 'linux',
    Size: 3,
  };
  const files = (id: string, json: object, name: string): Files => ({
    [`${id}/`]: '',
    [`${id}/VERSION`]: '1.0',
    [`${id}/json`]: JSON.stringify({ id, ...common, ...json }),
    [`${id}/layer.tar`]: tarOf({ [name]: name }),
  });
  return {
    ...files(base, { container_config: { Cmd: ['/bin/sh', '-c', '#(nop) ADD file:x in /'] } }, 'base'),
    ...files(
      top,
      {
        parent: base,
        author: 'ann',
        comment: 'the top',
        container_config: { Cmd: ['/bin/sh', '-c', 'echo <a> & b'] },
        config: { Env: ['A=<&>'], Cmd: ['sh'], Labels: { old: 'yes' } },
        throwaway: true,
      },
      'top',
    ),
    repositories: JSON.stringify({ old: { '1': top, latest: top } }),
  };
}
