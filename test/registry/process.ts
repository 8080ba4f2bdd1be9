import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RegistrySettings } from '../../src/app/registry.ts';

/** Our registry in a process of its own, over a store on disk. */
export interface RegistryProcess extends AsyncDisposable {
  readonly url: string;
  /** `127.0.0.1:port`. */
  readonly host: string;
  readonly process: ChildProcess;
  /** Ends it with this signal and waits until it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
}

/** Starts it at a free port of the loopback and waits until it listens. */
export async function startRegistry(
  root: string,
  settings: Omit<RegistrySettings, 'root' | 'addr'> = {},
): Promise<RegistryProcess> {
  const module = new URL('../../src/app/registry.ts', import.meta.url).href;
  const script = `
    import { runRegistry } from ${JSON.stringify(module)};
    const end = new AbortController();
    process.once('SIGTERM', () => end.abort());
    await runRegistry(${JSON.stringify({ ...settings, root, addr: '127.0.0.1:0' })}, {
      signal: end.signal,
      onReady: (url) => console.log(url),
      onFailure: (error) => console.error(error),
    });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: import.meta.dirname,
  });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const first = await Promise.race([once(lines, 'line'), ended.then(() => [''])]);
  const url = String(first[0]);
  if (url === '') throw new Error('the registry ended before it listened');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    url,
    host: new URL(url).host,
    process: child,
    end,
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  };
}
