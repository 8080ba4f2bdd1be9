import { createMemoryRegistry } from './memory.ts';
import { registrySuite } from './registry.suite.ts';

registrySuite('memory', async () => ({ registry: createMemoryRegistry(), close: async () => undefined }));
