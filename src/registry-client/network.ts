import type { HostRules } from './hosts.ts';
import type { Transport } from './transport.ts';

/** What all registry clients of a process share. */
export interface Network {
  readonly transport: Transport;
  readonly hosts: HostRules;
  /** Which origin of several answered, by domain. */
  readonly found: Map<string, URL>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Resolves after so many milliseconds, rejects when aborted. */
  readonly wait: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
}
