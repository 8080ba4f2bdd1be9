import type { Answer } from './answer.ts';
import { empty, json } from './answer.ts';
import { deleteBlob, getBlob, headBlob } from './blobs.ts';
import type { Exchange, Names } from './exchange.ts';
import { listReferrers, listRepositories, listTags } from './lists.ts';
import { deleteManifest, getManifest, headManifest, putManifest } from './manifests.ts';
import { pingSearch, search } from './search.ts';
import { deleteUpload, getUpload, patchUpload, postUpload, putUpload } from './uploads.ts';

/**
 * What a request wants: `open` is for everyone; `login` is answered to those who may do anything at all; the others
 * are for those who may.
 */
export type Action = 'open' | 'login' | 'pull' | 'push';

/** How one method of a path is answered. */
export interface Route {
  readonly action: Action;
  readonly handle: (exchange: Exchange, names: Names) => Promise<Answer> | Answer;
}

type Routes = Readonly<Record<string, Route>>;

const pull = (handle: Route['handle']): Route => ({ action: 'pull', handle });
const push = (handle: Route['handle']): Route => ({ action: 'push', handle });
/** One handler for both: the answer's body is left out. */
const read = (handle: Route['handle']): Routes => ({ GET: pull(handle), HEAD: pull(handle) });
const always = (action: Action, handle: () => Answer): Routes => ({
  GET: { action, handle },
  HEAD: { action, handle },
});

/**
 * The paths of distribution-spec 1.1 ("Endpoints"), the catalog, and Docker's search. A repository's name may hold
 * any of the words in them, so it reaches as far as it can.
 */
const table: readonly (readonly [RegExp, Routes])[] = [
  [/^\/v2\/?$/, always('login', () => json(200, {}))],
  [/^\/v2\/_catalog$/, read(listRepositories)],
  [/^\/v2\/(?<repository>.+)\/tags\/list$/, read(listTags)],
  [
    /^\/v2\/(?<repository>.+)\/manifests\/(?<reference>[^/]+)$/,
    {
      GET: pull(getManifest),
      HEAD: pull(headManifest),
      PUT: push(putManifest),
      DELETE: push(deleteManifest),
    },
  ],
  [/^\/v2\/(?<repository>.+)\/blobs\/uploads\/?$/, { POST: push(postUpload) }],
  [
    /^\/v2\/(?<repository>.+)\/blobs\/uploads\/(?<reference>[^/]+)$/,
    {
      GET: push(getUpload),
      HEAD: push(getUpload),
      PATCH: push(patchUpload),
      PUT: push(putUpload),
      DELETE: push(deleteUpload),
    },
  ],
  [
    /^\/v2\/(?<repository>.+)\/blobs\/(?<reference>[^/]+)$/,
    { GET: pull(getBlob), HEAD: pull(headBlob), DELETE: push(deleteBlob) },
  ],
  [/^\/v2\/(?<repository>.+)\/referrers\/(?<reference>[^/]+)$/, read(listReferrers)],
  [/^\/v1\/_ping$/, always('open', pingSearch)],
  [/^\/v1\/search$/, read(search)],
  [/^\/$/, always('open', () => empty(200))],
];

/** The routes of a decoded path, by method, and the names in it; undefined when nothing is there. */
export function findRoutes(path: string): { methods: Routes; names: Names } | undefined {
  for (const [pattern, methods] of table) {
    const groups = pattern.exec(path)?.groups;
    if (groups === undefined && !pattern.test(path)) continue;
    return {
      methods,
      names: { repository: groups?.['repository'] ?? '', reference: groups?.['reference'] ?? '' },
    };
  }
  return undefined;
}
