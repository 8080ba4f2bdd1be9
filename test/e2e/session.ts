/** What a user types in the transcripts: one session, the same through each door. */

/** What the session is played on. */
export interface Stage {
  /** The registry that the images come from. */
  readonly source: string;
  /** An empty registry. */
  readonly target: string;
  /** A registry with one user, `ann`, whose password is `secret`. */
  readonly guarded: string;
  /** A directory for files. */
  readonly directory: string;
  /** The digest of `one:1`. */
  readonly digest: string;
}

/** One line of the session: the words after `docker`, and what is typed at it. */
export interface Line {
  readonly words: readonly string[];
  readonly input?: string;
}

export function session({ source, target, guarded, directory, digest }: Stage): readonly Line[] {
  const one = `${source}/e2e/one`;
  const archive = `${directory}/saved.tar`;
  const type = (text: string, input?: string): Line => ({
    words: text.split(' '),
    ...(input !== undefined && { input }),
  });
  const format = (text: string, template: string): Line => ({
    words: [...text.split(' '), '--format', template],
  });
  return [
    type(`pull ${one}:1`),
    type(`pull ${one}:1`),
    type(`pull --quiet ${one}:1`),
    type(`pull ${one}`),
    type(`pull ${one}:nope`),
    type(`pull ${source}/e2e/nowhere`),
    type(`pull ${one}@${digest}`),
    type(`pull ${source}/e2e/multi:1`),
    type(`pull --platform linux/arm64 ${source}/e2e/multi:1`),
    type(`pull --platform linux/s390x ${source}/e2e/multi:1`),
    type(`pull --platform linux/amd64 ${source}/e2e/multi:1`),
    type('pull BAD'),
    type('pull scratch'),
    type('pull 127.0.0.1:1/x'),
    type('images'),
    type('images --digests'),
    type('images --quiet --no-trunc'),
    type(`images ${one}`),
    type(`images ${one}:1`),
    type('images --filter reference=*/e2e/m*'),
    type('images --filter label=seed=1'),
    type('images --filter dangling=true'),
    type('images --filter bogus=1'),
    type('images --filter dangling=maybe'),
    format('images', 'table {{.ID}}\\t{{.Repository}}'),
    format('images', '{{.Repository}}:{{.Tag}} {{.ID}} {{.Size}}'),
    format('images', 'json'),
    format('images', '{{.Bogus}}'),
    type(`tag ${one}:1 mine:2`),
    type(`tag ${one}:1 mine`),
    type('tag nope x'),
    type('tag mine:2 BAD'),
    { words: ['inspect', '--format', '{{.Id}} {{json .RepoTags}} {{.Config.Cmd}}', 'mine:2'] },
    { words: ['image', 'inspect', '--format', '{{json .RootFS}}', 'mine:2'] },
    { words: ['image', 'inspect', '--format', '{{.Nope}}', 'mine:2'] },
    type('image inspect nope'),
    type('inspect nope'),
    type('inspect --type image nope'),
    type('history mine:2'),
    type('history --no-trunc --human=false mine:2'),
    type('history nope'),
    type(`save --output ${archive} mine:2 ${source}/e2e/multi:1`),
    type('save nope'),
    type('rmi mine:2'),
    type('rmi mine'),
    type(`rmi ${one}:1 nope`),
    type(`rmi ${one}@${digest}`),
    type('rmi nope'),
    type('rmi --force nope'),
    type(`load --input ${archive}`),
    type(`load --quiet --input ${archive}`),
    type(`load --input ${directory}/nothing.tar`),
    type('load', 'this is no archive'),
    type(`tag mine:2 ${target}/mine:2`),
    type(`push ${target}/mine:2`),
    type(`push ${target}/mine:2`),
    type(`push --quiet ${target}/mine:2`),
    type(`push ${target}/mine:3`),
    type(`push ${target}/yours`),
    type(`tag mine:2 ${guarded}/mine:2`),
    type(`push ${guarded}/mine:2`),
    type(`login --username ann --password-stdin ${guarded}`, 'wrong'),
    type(`login --username ann --password-stdin ${guarded}`, 'secret'),
    type(`push ${guarded}/mine:2`),
    type(`logout ${guarded}`),
    type(`logout ${guarded}`),
    type(`search ${source}/mine`),
    type('rmi --force mine:2'),
    type('image prune --force'),
    type('image prune --all --force'),
    type('images --all'),
    { words: ['version', '--format', '{{.Server.APIVersion}} {{.Server.MinAPIVersion}}'] },
    { words: ['info', '--format', '{{.Images}} {{.OSType}}'] },
  ];
}
