/**
 * The rooms of the house: which module stands on which ring, what it owns, whom it may import and what it may
 * use of Node and npm. dependency-cruiser reads this table (.dependency-cruiser.cjs), the page generator prints
 * it into ARCHITECTURE.md, and people read it here. Change it in the open, with the reason in docs/adr/.
 *
 * `neighbours`: modules of the same ring that may be imported. A module of a lower ring always may.
 * `node`, `npm`: the budget of builtins (without `node:`) and packages. Tests may use more.
 */
export const modules = {
  errors: {
    ring: 0,
    owns: 'GantryError (kind, code, subject, cause), the kinds, redaction',
    mustNotKnow: 'anything',
  },
  oci: {
    ring: 0,
    owns: 'digest, descriptor, manifest, index, image config, platform, reference, chain id',
    mustNotKnow: 'files, HTTP, Docker',
    neighbours: ['errors'],
    node: ['crypto'],
  },
  tar: {
    ring: 0,
    owns: 'blocks to entries and back: PAX, GNU; deterministic writing',
    mustNotKnow: 'what paths mean, disks',
    neighbours: ['errors'],
  },
  wire: {
    ring: 0,
    owns: 'bodies and framing of the Docker Engine API: types, progress stream, version compare',
    mustNotKnow: 'the engine',
    neighbours: ['errors'],
  },
  template: {
    ring: 0,
    owns: "Go's text/template for --format: lexer, parser, execution",
    mustNotKnow: 'what is printed',
    neighbours: ['errors'],
  },
  host: {
    ring: 1,
    owns: 'the only door to the kernel: mounts, xattrs, devices, locks, durable rename',
    mustNotKnow: 'images',
    node: ['fs', 'fs/promises', 'path', 'os', 'crypto', 'module', 'timers/promises'],
    npm: ['koffi'],
  },
  content: {
    ring: 1,
    owns: 'blobs by digest, resumable ingests; disk and memory',
    mustNotKnow: 'names, layers, HTTP',
    neighbours: ['host'],
    node: ['fs', 'fs/promises', 'path', 'crypto', 'timers/promises'],
  },
  metadata: {
    ring: 1,
    owns: 'facts about content: images, names, links, leases; SQL',
    mustNotKnow: 'HTTP, bytes',
    node: ['sqlite', 'path', 'fs', 'fs/promises', 'timers/promises'],
  },
  layer: {
    ring: 1,
    owns: 'tar stream to directory change set; compression, diff id; worker threads',
    mustNotKnow: 'stores, names',
    neighbours: ['host'],
    node: ['fs', 'fs/promises', 'path', 'zlib', 'worker_threads', 'crypto', 'stream', 'child_process', 'os'],
  },
  snapshot: {
    ring: 1,
    owns: 'prepare, commit, mount, remove, usage of directories; overlay',
    mustNotKnow: 'tar, images',
    neighbours: ['host'],
    node: ['fs', 'fs/promises', 'path', 'crypto', 'timers/promises'],
  },
  registry: {
    ring: 1,
    owns: 'the distribution contract as small interfaces, the request codec, memory registry',
    mustNotKnow: 'sockets',
  },
  'registry-client': {
    ring: 1,
    owns: 'transport, challenge and token, credentials and helpers, hosts, retry, ranges',
    mustNotKnow: 'stores',
    neighbours: ['host', 'registry'],
    node: ['fs/promises', 'path', 'child_process', 'tls', 'net', 'dns/promises', 'timers/promises'],
    npm: ['undici'],
  },
  transfer: {
    ring: 1,
    owns: 'moving blobs and graphs between a registry and a store: parallel, resumed, progress',
    mustNotKnow: 'Docker, CLI',
    neighbours: ['registry', 'content'],
    node: ['timers/promises'],
  },
  'registry-server': {
    ring: 1,
    owns: 'HTTP over any registry: routes, ranges, pages, uploads, error bodies, who may do what',
    mustNotKnow: 'where bytes live',
    neighbours: ['registry'],
    node: ['http', 'https', 'stream', 'stream/promises', 'fs/promises', 'crypto', 'worker_threads'],
    // Plain JavaScript, in a thread (a comparison takes 70 ms); the native ones come as a package a platform, not all
    // of which can be had everywhere.
    npm: ['bcryptjs'],
  },
  repositories: {
    ring: 2,
    owns: "the store's own registry: repositories over content and metadata, and their collection",
    mustNotKnow: 'HTTP, disks, concrete classes',
  },
  mirror: {
    ring: 2,
    owns: 'pull-through: repositories of upstreams beside the hosted ones; single flight, revalidation, eviction',
    mustNotKnow: 'HTTP, concrete classes',
    neighbours: ['repositories'],
    // Readers follow the file of a blob while it grows.
    node: ['fs/promises'],
  },
  engine: {
    ring: 2,
    owns: 'what the product does, one verb a file',
    mustNotKnow: 'HTTP, argv, concrete classes',
    node: ['crypto', 'stream', 'events'],
  },
  'engine-api': {
    ring: 3,
    owns: 'routes to verbs; versions; hijack; the status table',
    mustNotKnow: 'stores',
    node: ['http', 'https', 'stream', 'stream/promises', 'net', 'events', 'os'],
  },
  'engine-client': {
    ring: 3,
    owns: 'the same API from the other side, for the command and the library',
    mustNotKnow: 'the engine',
    node: ['events', 'http', 'https', 'net', 'stream', 'fs', 'tls', 'url'],
  },
  cli: {
    ring: 3,
    owns: 'argv to API call to rendering; one file a command',
    mustNotKnow: 'the engine',
    neighbours: ['engine-client'],
    node: [
      'util',
      'fs',
      'fs/promises',
      'path',
      'os',
      'stream',
      'stream/promises',
      'tty',
      'readline/promises',
      'process',
    ],
  },
  app: {
    ring: 4,
    owns: 'configuration to objects to listeners; the only place that knows concrete classes',
    mustNotKnow: 'business rules',
    node: [
      'async_hooks',
      'child_process',
      'crypto',
      'events',
      'fs',
      'fs/promises',
      'http',
      'https',
      'net',
      'os',
      'path',
      'process',
      'stream',
      'stream/promises',
      'timers/promises',
      'tls',
      'url',
      'util',
    ],
    // momoa says where in a file a key stands; pino and prom-client are the daemon's logs and metrics. Each is loaded
    // when it is needed: a command that asks a daemon never pays for them (docs/adr/0007-daemon-libraries.md).
    npm: ['@humanwhocodes/momoa', 'pino', 'prom-client'],
  },
};
