import type { Server } from 'node:http';
import type { Engine } from '#engine';
import { createApiServer } from '#engine-api';
import { openTestEngine, type TestEngine } from './test-engine.ts';

/** The Engine API over an engine of one test. */
export interface TestApi extends TestEngine {
  readonly server: Server;
  /** What the server said that it could tell no client in full. */
  readonly failures: unknown[];
}

export async function openTestApi(overrides: Partial<Engine> = {}): Promise<TestApi> {
  const opened = await openTestEngine(overrides);
  const failures: unknown[] = [];
  const server = createApiServer({
    engine: opened.engine,
    facts: {
      version: '1.2.3',
      commit: 'abc',
      built: '2026-11-21',
      id: 'the-id',
      root: '/the/root',
      operatingSystem: { name: 'Test Linux 1', version: '1' },
      mirrors: [],
      insecureRegistries: [],
    },
    onFailure: (error) => failures.push(error),
  });
  return { ...opened, server, failures };
}
