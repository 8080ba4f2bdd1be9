/** What is counted, in the words of Prometheus. */
export interface Metrics {
  request(served: { method: string; path: string; status: number; seconds: number }): void;
  /** Bytes of blobs. */
  bytes(direction: 'received' | 'sent', bytes: number): void;
  event(type: string, action: string): void;
  /** Has `count` called each time that the metrics are asked for. */
  followImages(count: () => Promise<number>): void;
  /** All of it, in Prometheus' text format, and its media type. */
  expose(): Promise<{ readonly type: string; readonly text: string }>;
}

/** The first words of the API's paths. Any other is `other`: a client must not make new time series. */
const areas = new Set([
  ...[
    '_ping',
    'auth',
    'build',
    'commit',
    'containers',
    'distribution',
    'events',
    'exec',
    'grpc',
    'images',
    'info',
  ],
  ...['networks', 'plugins', 'session', 'swarm', 'system', 'version', 'volumes'],
]);
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']);

/** Seconds: from an answer out of memory to the pull of a large image. */
const buckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 60, 300];

/** Opens the metrics of this process. */
export async function openMetrics(version: string): Promise<Metrics> {
  // Without an address for metrics there are none, and nothing to load.
  const { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const build = new Gauge({
    name: 'gantry_build_info',
    help: 'Always 1; the version is a label.',
    labelNames: ['version'],
    registers,
  });
  build.set({ version }, 1);
  const requests = new Histogram({
    name: 'gantry_http_request_duration_seconds',
    help: 'Requests of the Engine API, by the first word of their path.',
    labelNames: ['method', 'area', 'status'],
    buckets,
    registers,
  });
  const bytes = new Counter({
    name: 'gantry_registry_blob_bytes_total',
    help: 'Bytes of blobs that came from registries or went to them.',
    labelNames: ['direction'],
    registers,
  });
  const events = new Counter({
    name: 'gantry_events_total',
    help: 'Events of the engine, such as the pull of an image.',
    labelNames: ['type', 'action'],
    registers,
  });
  return {
    request: ({ method, path, status, seconds }) => {
      const word = /^(?:\/v[\d.]+)?\/([^/]*)/.exec(path)?.[1] ?? '';
      const area = areas.has(word) ? word : 'other';
      requests.observe({ method: methods.has(method) ? method : 'other', area, status }, seconds);
    },
    bytes: (direction, count) => {
      bytes.inc({ direction }, count);
    },
    event: (type, action) => {
      events.inc({ type, action });
    },
    followImages: (count) => {
      new Gauge({
        name: 'gantry_images',
        help: 'Images in the store.',
        registers,
        async collect() {
          this.set(await count());
        },
      });
    },
    expose: async () => ({ type: registry.contentType, text: await registry.metrics() }),
  };
}
