import type { ImageRecord } from '#metadata';
import {
  canonicalName,
  type Descriptor,
  type Digest,
  isForeignLayerType,
  parseReference,
  type Reference,
} from '#oci';
import type { Registry } from '#registry';
import { pushBlob } from '#transfer';
import type { Engine } from './engine.ts';
import { createGate } from './gate.ts';

/** How a layer is getting on. */
export interface SentLayerEvent {
  readonly type: 'layer';
  readonly diffId: Digest;
  readonly state: 'preparing' | 'waiting' | 'pushing' | 'pushed' | 'exists' | 'mounted';
  /** Bytes of the blob. */
  readonly current?: number;
  readonly total?: number;
  /** The repository (its path) that it was mounted from. */
  readonly from?: string;
}

/** Where an image goes. */
export interface Destination {
  readonly registry: Registry;
  readonly reference: Reference;
  readonly signal: AbortSignal;
}

/** Sends the layers that the registry lacks, several at once. @throws what RegistryWriter throws */
export async function sendLayers(
  engine: Engine,
  {
    image,
    layers,
    report,
    ...to
  }: Destination & {
    image: ImageRecord;
    layers: readonly Descriptor[];
    report: (event: SentLayerEvent) => void;
  },
): Promise<void> {
  const gate = createGate(engine.limits.concurrentUploads);
  const failure = new AbortController();
  const signal = AbortSignal.any([to.signal, failure.signal]);
  // Docker speaks of the top layer first.
  const work: { descriptor: Descriptor; diffId: Digest }[] = [];
  for (const [position, descriptor] of [...layers.entries()].reverse()) {
    const { digest, mediaType } = descriptor;
    // A layer that may not be distributed stays where it is (image-spec layer.md).
    if (isForeignLayerType(mediaType) && (await engine.content.stat(digest)) === undefined) continue;
    work.push({ descriptor, diffId: image.layers[position]?.diffId ?? digest });
  }
  for (const { diffId } of work) report({ type: 'layer', diffId, state: 'preparing' });
  const running = work.map(async ({ descriptor, diffId }) => {
    const say = (state: 'waiting' | 'pushing' | 'pushed' | 'exists' | 'mounted', more = {}) => {
      report({ type: 'layer', diffId, state, ...more });
    };
    try {
      using _place = await gate.enter({
        signal,
        onWait: () => {
          say('waiting');
        },
      });
      const done = await sendBlob(engine, {
        ...to,
        signal,
        descriptor,
        onProgress: (current) => {
          say('pushing', { current, total: descriptor.size });
        },
      });
      if (done.how === 'mounted') say('mounted', { from: done.from });
      else say(done.how === 'exists' ? 'exists' : 'pushed');
    } catch (error) {
      failure.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(running);
  failure.signal.throwIfAborted();
}

/** Sends one blob unless the registry has it. @throws as `sendLayers` */
export async function sendBlob(
  engine: Engine,
  {
    registry,
    reference,
    descriptor,
    signal,
    onProgress,
  }: Destination & { descriptor: Descriptor; onProgress?: (bytes: number) => void },
): ReturnType<typeof pushBlob> {
  const here = canonicalName(reference);
  const sources = (await engine.metadata.sources(descriptor.digest))
    .map(parseReference)
    .filter((source) => source.domain === reference.domain && canonicalName(source) !== here)
    .map(({ path }) => path);
  return pushBlob({
    registry,
    repository: reference.path,
    descriptor,
    store: engine.content,
    sources,
    signal,
    onProgress,
  });
}
