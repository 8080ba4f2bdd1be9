import { GantryError } from '#errors';
import {
  type Descriptor,
  digestOf,
  type ImageConfig,
  maxImageConfigBytes,
  parseImageConfig,
  parseManifest,
  parseReference,
  withDefaultTag,
} from '#oci';
import type { Registry } from '#registry';
import type * as wire from '#wire';
import { type Answer, json } from './answer.ts';
import { authOf } from './auth.ts';
import type { Daemon } from './daemon.ts';
import type { Exchange } from './exchange.ts';
import { platformBody } from './image-bodies.ts';
import type { Route } from './router.ts';

/** `GET /distribution/{name}/json`: what a name stands for at its registry, and for which platforms. */
async function inspect(exchange: Exchange, { engine }: Daemon): Promise<Answer> {
  const reference = withDefaultTag(parseReference(exchange.name));
  const { signal } = exchange;
  const registry = engine.registries.open(reference.domain, authOf(exchange).auth);
  const wanted = reference.digest ?? reference.tag ?? 'latest';
  const { bytes, mediaType, digest } = await registry.getManifest(reference.path, wanted, { signal });
  const manifest = parseManifest(bytes, mediaType);
  const platforms =
    manifest.kind === 'index'
      ? manifest.manifests.flatMap(({ platform }) => platform ?? [])
      : [await platformOf(registry, reference.path, { config: manifest.config, signal })];
  return json({
    Descriptor: { mediaType: manifest.mediaType, digest, size: bytes.length },
    Platforms: platforms.map(platformBody),
  } satisfies wire.DistributionInspect);
}

/** @throws corrupt `blob-digest`, `config-invalid`; resource-exhausted `document-too-large` */
async function platformOf(
  registry: Registry,
  repository: string,
  { config, signal }: { config: Descriptor; signal: AbortSignal },
): Promise<ImageConfig> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const { body } = await registry.getBlob(repository, config.digest, { signal });
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxImageConfigBytes) {
      throw new GantryError(
        'resource-exhausted',
        'document-too-large',
        `image config ${config.digest} is larger than ${maxImageConfigBytes} bytes`,
      );
    }
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (digestOf(bytes) !== config.digest) {
    throw new GantryError(
      'corrupt',
      'blob-digest',
      `image config verification failed for digest ${config.digest}`,
    );
  }
  return parseImageConfig(bytes);
}

export const distributionRoutes: readonly Route[] = [
  { method: 'GET', path: '/distribution/{name}/json', handle: inspect },
];
