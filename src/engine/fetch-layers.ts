import { findError } from '#errors';
import type { LayerSource } from '#layer';
import type { LayerRecord } from '#metadata';
import type { Digest } from '#oci';
import type { Registry } from '#registry';
import { fetchBlob } from '#transfer';
import type { Engine } from './engine.ts';
import { createGate, type Gate } from './gate.ts';
import type { LayerPlan } from './layer-plan.ts';
import { createLayerReader, type LayerReader } from './read-layer.ts';

/** How a layer is getting on. `current` and `total` are bytes of its blob. */
export interface LayerEvent {
  readonly type: 'layer';
  readonly blob: Digest;
  readonly state:
    | 'exists'
    | 'queued'
    | 'waiting'
    | 'downloading'
    /** The line or the registry failed: `seconds` until it is tried again. */
    | 'retrying'
    | 'verifying'
    | 'downloaded'
    | 'extracting'
    | 'complete';
  readonly current?: number;
  readonly total?: number;
  readonly seconds?: number;
}

export interface FetchOptions {
  readonly registry: Registry;
  /** The path at the registry. */
  readonly repository: string;
  readonly report: (event: LayerEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Brings the layers of one image here: downloads what is missing, several at once, and reads each while it
 * arrives: its diff id is verified, and it is unpacked where the engine unpacks.
 *
 * @param plans base first
 * @throws what the registry, the store and the unpacker throw; corrupt `layer-diff-id`
 */
export async function fetchLayers(
  engine: Engine,
  plans: readonly LayerPlan[],
  options: FetchOptions,
): Promise<readonly LayerRecord[]> {
  const failure = new AbortController();
  const signal = AbortSignal.any([options.signal, failure.signal]);
  const reader = createLayerReader(engine, plans, signal);
  const gate = createGate(engine.limits.concurrentDownloads);
  const known = await Promise.all(plans.map((plan) => reader.known(plan)));
  for (const [position, { descriptor }] of plans.entries()) {
    const state = known[position] === undefined ? 'queued' : 'exists';
    options.report({ type: 'layer', blob: descriptor.digest, state });
  }
  const reading: Promise<LayerRecord>[] = [];
  const follow = (started: Promise<LayerRecord>) => reading.push(started);
  const work = plans.map(async (plan, position) => {
    try {
      return (
        known[position] ?? (await fetchLayer(engine, plan, { ...options, signal, reader, gate, follow }))
      );
    } catch (error) {
      // The first failure ends the others; theirs are only its echo.
      failure.abort(error);
      throw error;
    }
  });
  await Promise.allSettled(work);
  // A download that fails leaves its reader behind: nothing of this pull may go on after it.
  await Promise.allSettled(reading);
  failure.signal.throwIfAborted();
  return Promise.all(work);
}

interface FetchLayerOptions extends FetchOptions {
  readonly reader: LayerReader;
  readonly gate: Gate;
  /** Takes note of a reading that was begun, so that it is waited for. */
  readonly follow: (reading: Promise<LayerRecord>) => void;
}

async function fetchLayer(
  engine: Engine,
  plan: LayerPlan,
  { reader, gate, follow, registry, repository, report, signal }: FetchLayerOptions,
): Promise<LayerRecord> {
  const { descriptor } = plan;
  const say = (state: LayerEvent['state'], current?: number) => {
    const bytes = current === undefined ? {} : { current, total: descriptor.size };
    report({ type: 'layer', blob: descriptor.digest, state, ...bytes });
  };
  let downloaded = false;
  const onProgress = (bytes: number) => {
    if (downloaded) say('extracting', bytes);
  };
  let early: Promise<LayerRecord> | undefined;
  let restarted = false;
  {
    using _place = await gate.enter({
      signal,
      onWait: () => {
        say('waiting');
      },
    });
    await fetchBlob({
      reader: registry,
      repository,
      descriptor,
      store: engine.content,
      signal,
      attempts: engine.limits.downloadAttempts,
      onProgress: (bytes) => {
        say('downloading', bytes);
      },
      onRetry: (milliseconds) => {
        const seconds = Math.ceil(milliseconds / 1000);
        report({ type: 'layer', blob: descriptor.digest, state: 'retrying', seconds });
      },
      onRestart: () => {
        restarted = true;
      },
      onIngest: (growing: LayerSource | undefined) => {
        if (growing === undefined || early !== undefined) return;
        early = reader.read(plan, { growing, onProgress });
        follow(early);
        // It is awaited below; until then its failure is no unhandled one.
        early.catch(() => undefined);
      },
    });
  }
  say('verifying');
  downloaded = true;
  say('downloaded');
  const record = await (early ?? reader.read(plan, { onProgress })).catch((error: unknown) => {
    // The reader followed a download that had to begin again, or came to it just when it was done and moved away.
    const lost = isLost(error) || (restarted && findError(error, { kind: 'corrupt' }) !== undefined);
    if (!lost) throw error;
    return reader.read(plan, { onProgress });
  });
  say('complete');
  return record;
}

function isLost(error: unknown): boolean {
  return ['layer-source-broken', 'errno-enoent'].some((code) => findError(error, { code }) !== undefined);
}
