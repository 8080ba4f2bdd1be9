/** The Docker Engine API from the client's side: any daemon that speaks it, over a socket or inside this process. */
export { openEngineClient } from './client.ts';
export { dialDaemon } from './dial.ts';
export type { EngineClient } from './client.ts';
export type { TlsOptions } from './transport.ts';
