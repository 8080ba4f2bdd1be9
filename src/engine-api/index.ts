/** The Docker Engine API over an engine: routes to verbs, versions, errors as statuses. */
export { createApiServer } from './server.ts';
export type { ApiServerOptions, RawExchange } from './server.ts';
export type { DaemonConfiguration, DaemonFacts } from './daemon.ts';
export { connectLocally } from './local-connection.ts';
