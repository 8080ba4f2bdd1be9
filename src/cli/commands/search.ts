import { encodeFilters, type SearchResult } from '#wire';
import { defineCommand } from '../command.ts';
import { ellipsis } from '../ellipsis.ts';
import { formatRows, type Listing } from '../format.ts';
import { isJson } from '../object-format.ts';
import { serverAuthHeader } from '../registry-auth.ts';

export const search = defineCommand({
  name: 'search',
  common: 10,
  usage: '[OPTIONS] TERM',
  short: 'Search Docker Hub for images',
  examples: ['search nginx', 'search --filter is-official=true --limit 5 postgres'],
  flags: {
    // Docker's before 20.10: scripts have them yet.
    automated: { type: 'boolean', usage: 'Only show automated builds', hidden: true },
    stars: { type: 'int', short: 's', usage: 'Only displays with at least x stars', hidden: true },
    filter: { type: 'filter', short: 'f', usage: 'Filter output based on conditions provided' },
    format: { type: 'string', usage: 'Pretty-print search using a Go template' },
    limit: { type: 'int', usage: 'Max number of search results' },
    'no-trunc': { type: 'boolean', usage: "Don't truncate output" },
  },
  arity: { min: 1, max: 1 },
  async run(invocation) {
    const { io, args, flags, engine, signal } = invocation;
    const [term = ''] = args;
    const old = {
      ...(flags.automated ? { 'is-automated': ['true'] } : {}),
      ...(flags.stars > 0 ? { stars: [String(flags.stars)] } : {}),
    };
    for (const [filter, [value]] of Object.entries(old)) {
      const name = filter === 'stars' ? 'stars' : 'automated';
      io.stderr.write(`Flag --${name} has been deprecated, use --filter=${filter}=${value ?? ''} instead\n`);
    }
    const filters = { ...old, ...flags.filter };
    if ('is-automated' in filters) {
      io.stderr.write(
        'WARNING: the "is-automated" filter is deprecated, and searching for "is-automated=true" will not yield any results in future.\n',
      );
    }
    const client = await engine();
    const answer = await client.request({
      method: 'GET',
      path: '/images/search',
      query: {
        term,
        limit: flags.limit > 0 ? flags.limit : undefined,
        filters:
          Object.keys(filters).length > 0 ? encodeFilters(new Map(Object.entries(filters))) : undefined,
      },
      headers: await serverAuthHeader(invocation, registryOf(term)),
      signal,
    });
    const results = (await answer.json()) as readonly SearchResult[];
    io.stdout.write(formatRows(results, listing(flags), { format: flags.format }));
    return undefined;
  },
});

/** The registry that a term begins with, by the rule for references, or Docker Hub. */
function registryOf(term: string): string {
  const [, host = 'docker.io'] = /^(localhost|[^/]*[.:][^/]*)\//.exec(term) ?? [];
  return host;
}

/** As many cells of a description as docker shows. */
const shownDescription = 45;

/** docker/cli command/registry/formatter_search.go */
function listing({ noTrunc, format }: { noTrunc: boolean; format: string }): Listing<SearchResult> {
  const official = isJson(format) ? { yes: 'true', no: 'false' } : { yes: '[OK]', no: '' };
  return {
    typeName: '*registry.searchContext',
    columns: {
      Name: { header: 'NAME', value: ({ name }) => name },
      Description: {
        header: 'DESCRIPTION',
        value: ({ description }) => {
          const line = description.replaceAll(/[\r\n]/g, ' ');
          return noTrunc ? line : ellipsis(line, shownDescription);
        },
      },
      StarCount: { header: 'STARS', value: ({ star_count }) => String(star_count) },
      IsOfficial: {
        header: 'OFFICIAL',
        value: ({ is_official }) => (is_official ? official.yes : official.no),
      },
    },
    table: '{{.Name}}\\t{{.Description}}\\t{{.StarCount}}\\t{{.IsOfficial}}',
  };
}
