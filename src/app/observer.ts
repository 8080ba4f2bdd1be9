import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Engine, EngineEvent } from '#engine';
import type { ApiServerOptions, RawExchange } from '#engine-api';
import { findError, toError } from '#errors';
import type { Log, LogFields } from './log.ts';
import type { Metrics } from './metrics.ts';

/** Watches what the daemon does and tells the log and the metrics. */
export interface Observer {
  /** For `createApiServer`: gives each request its id and its line in the log. */
  readonly around: NonNullable<ApiServerOptions['around']>;
  /** For `createApiServer`. */
  readonly onFailure: NonNullable<ApiServerOptions['onFailure']>;
  /** Counts bytes that come from registries or go to them. */
  readonly onBytes: (direction: 'received' | 'sent', bytes: number) => void;
  /** Follows the events of an engine until disposed. */
  watch(engine: Engine): Disposable;
  /** Resolves when no request is under way. */
  idle(): Promise<void>;
}

/** What is remembered of a request while it is served. */
interface RequestContext {
  readonly id: string;
  received: number;
  sent: number;
}

/** Asked every few seconds by clients, and of no interest. */
const pings = /^(\/v[\d.]+)?\/_ping$/;

export function createObserver({ log, metrics }: { log: Log; metrics?: Metrics | undefined }): Observer {
  const contexts = new AsyncLocalStorage<RequestContext>();
  const underWay = new Set<Promise<void>>();

  async function around({ request, response }: RawExchange, serve: () => Promise<void>): Promise<void> {
    const started = performance.now();
    const { method = '', url = '' } = request;
    // Search terms and build arguments stand behind the question mark, and may be anything.
    const path = url.replace(/\?.*$/s, '');
    const context = { id: requestId(request.headers['x-request-id']), received: 0, sent: 0 };
    response.setHeader('X-Request-Id', context.id);
    const work = contexts.run(context, serve);
    underWay.add(work);
    try {
      await work;
    } finally {
      underWay.delete(work);
      const seconds = (performance.now() - started) / 1000;
      const { statusCode: status } = response;
      metrics?.request({ method, path, status, seconds });
      const line: LogFields = {
        request: context.id,
        method,
        path,
        status,
        ms: Math.round(seconds * 10_000) / 10,
        ...bytesOf(context),
        ...(!response.writableEnded && { aborted: true }),
      };
      if (pings.test(path)) log.debug('request', line);
      else log.info('request', line);
    }
  }

  function onEvent({ type, action, id, attributes }: EngineEvent): void {
    metrics?.event(type, action);
    const context = contexts.getStore();
    const line = { ...(context && { request: context.id, ...bytesOf(context) }) };
    log.info(`${type} ${action}`, { [type]: id, name: attributes['name'], ...line });
  }

  return {
    around,
    onFailure: (error, { method, path }) => {
      const known = findError(error);
      const request = contexts.getStore()?.id;
      log.error((known ?? toError(error)).message, {
        request,
        method,
        path,
        ...(known ? { kind: known.kind, code: known.code } : { stack: toError(error).stack }),
      });
    },
    onBytes: (direction, bytes) => {
      const context = contexts.getStore();
      if (context !== undefined) context[direction] += bytes;
      metrics?.bytes(direction, bytes);
    },
    watch: (engine) => {
      const stop = engine.events.subscribe(onEvent);
      return { [Symbol.dispose]: stop };
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}

/** A client's own id, when it is one that can stand in a log; a new one otherwise. */
function requestId(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[\w.:-]{1,128}$/.test(header) ? header : randomUUID();
}

function bytesOf({ received, sent }: RequestContext): LogFields {
  return { ...(received > 0 && { received }), ...(sent > 0 && { sent }) };
}
