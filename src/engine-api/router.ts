import type { Answer } from './answer.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';

/** Answers one request; what it throws becomes an error answer. */
export type Handler = (exchange: Exchange, daemon: Daemon) => Answer | Promise<Answer>;

/** A method and a path, `{name}` standing for any text, slashes included, and who answers it. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly handle: Handler;
}

/** The route that a request takes, and what `{name}` stands for there, still percent-encoded. */
export interface Match {
  readonly handle: Handler;
  readonly name: string;
}

/**
 * Finds routes by method and path, the first of the table that fits. `{name}` takes as much as it can, so of
 * `/images/a/json/json` the last `/json` is the route's.
 */
export function createRouter(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const compiled = routes.map(({ method, path, handle }) => ({ method, pattern: compile(path), handle }));
  return (method, path) => {
    for (const route of compiled) {
      if (route.method !== method) continue;
      const match = route.pattern.exec(path);
      if (match !== null) return { handle: route.handle, name: match[1] ?? '' };
    }
    return undefined;
  };
}

/** The table's paths hold nothing that is special in a pattern. */
function compile(path: string): RegExp {
  return new RegExp(`^${path.replace('{name}', '(.*)')}$`, 's');
}
