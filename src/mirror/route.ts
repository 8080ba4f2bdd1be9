import { mirroredName, type MirroredName, type UpstreamTable } from './upstream.ts';

/** What a request says of whom it is meant for. */
export interface AskedName {
  /** The repository in its path. */
  readonly repository: string;
  /** The `ns` parameter, which containerd sends. */
  readonly namespace: string | undefined;
  /** The Host header. */
  readonly host: string | undefined;
}

/**
 * Whose repository is meant. With both, the hosted one counts when it is there. With neither, nothing here is: a
 * registry that is not in the table is never asked.
 */
export interface Route {
  /** A repository of this registry's own. */
  readonly hosted: string | undefined;
  readonly mirrored: MirroredName | undefined;
}

const nowhere: Route = { hosted: undefined, mirrored: undefined };

/**
 * The four ways in, the most explicit first:
 *
 * - `ns=docker.io` (containerd, distribution-spec "Registry Proxying") names the upstream. Should the path repeat it,
 *   as with an `override_path` that was made for other mirrors, it is taken off.
 * - A name of this server that stands for one upstream.
 * - `docker.io/library/busybox` (podman, people): the path begins with the upstream. Its port comes behind a `_`.
 * - `library/busybox` (Docker's `registry-mirrors`): a hosted repository, else one of `bare`, the upstream whose
 *   domain is left out.
 */
export function routeOf(
  { repository, namespace, host }: AskedName,
  table: UpstreamTable,
  bare: string | undefined,
): Route {
  if (namespace !== undefined) {
    const found = table.find(namespace);
    if (found !== undefined) return mirrored(found, withoutDomain(repository, found.domain));
    return namespace === host ? { hosted: repository, mirrored: undefined } : nowhere;
  }
  const byHost = host === undefined ? undefined : table.byHost(host);
  if (byHost !== undefined) return mirrored(byHost, repository);
  const [first, rest] = split(repository);
  const byPath = table.find(first) ?? table.find(first.replace('_', ':'));
  if (byPath !== undefined && rest !== '') return mirrored(byPath, rest);
  const byDefault = bare === undefined ? undefined : table.find(bare);
  return { hosted: repository, mirrored: byDefault && mirroredName(byDefault, repository) };
}

function mirrored(found: Parameters<typeof mirroredName>[0], path: string): Route {
  return { hosted: undefined, mirrored: mirroredName(found, path) };
}

function split(repository: string): [first: string, rest: string] {
  const slash = repository.indexOf('/');
  return slash < 0 ? [repository, ''] : [repository.slice(0, slash), repository.slice(slash + 1)];
}

function withoutDomain(repository: string, domain: string): string {
  const [first, rest] = split(repository);
  return rest !== '' && first.replace('_', ':') === domain ? rest : repository;
}
