/** The scope of reading a repository, for the token service. Source: distribution, auth/scope. */
export function pullScope(repository: string): string {
  return `repository:${repository}:pull`;
}

/** The scope of writing to a repository. */
export function pushScope(repository: string): string {
  return `repository:${repository}:pull,push`;
}

/**
 * Scopes with one entry for each resource, its actions united, in order: what equal wants become equal keys by.
 * Empty ones are left out.
 */
export function mergeScopes(scopes: readonly string[]): string[] {
  const actions = new Map<string, Set<string>>();
  for (const scope of scopes.flatMap((list) => list.split(' '))) {
    if (scope === '') continue;
    // A resource name may hold colons (a host with a port), its actions may not.
    const colon = scope.lastIndexOf(':');
    const resource = scope.slice(0, Math.max(colon, 0));
    const known = actions.get(resource) ?? new Set();
    for (const action of scope.slice(colon + 1).split(',')) known.add(action);
    actions.set(resource, known);
  }
  return [...actions]
    .map(([resource, set]) => `${resource === '' ? '' : `${resource}:`}${[...set].sort().join(',')}`)
    .sort();
}
