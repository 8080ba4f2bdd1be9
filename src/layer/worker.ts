/** The entry of a worker thread: one job after another, until it is terminated. */
import { parentPort } from 'node:worker_threads';
import { encodeError, type Reply, type Request } from './message.ts';
import { unpackLayer } from './unpack-layer.ts';

// Often enough for a progress bar, and few enough messages for the thread that reads them.
const progressInterval = 100;

let current: { readonly id: number; readonly abort: AbortController } | undefined;

parentPort?.on('message', (request: Request) => {
  if (request.type === 'unpack') void work(request);
  else if (request.id === current?.id) current.abort.abort();
});

async function work({ id, job }: Extract<Request, { type: 'unpack' }>): Promise<void> {
  const abort = new AbortController();
  current = { id, abort };
  let reply: Reply;
  try {
    const result = await unpackLayer(job, { signal: abort.signal, onProgress: throttled(announce) });
    reply = { type: 'done', result };
  } catch (error) {
    reply = { type: 'failed', error: encodeError(error) };
  }
  current = undefined;
  send(reply);
}

function announce(bytes: number): void {
  send({ type: 'progress', bytes });
}

function send(reply: Reply): void {
  parentPort?.postMessage(reply);
}

function throttled(action: (value: number) => void): (value: number) => void {
  let next = 0;
  return (value) => {
    const now = performance.now();
    if (now < next) return;
    next = now + progressInterval;
    action(value);
  };
}
