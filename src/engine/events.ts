/** Something that happened to an image (later: a container, a network, a volume). */
export interface EngineEvent {
  readonly type: 'image' | 'container' | 'network' | 'volume' | 'builder' | 'daemon';
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** Milliseconds since 1970, with a fraction. */
  readonly time: number;
}

/** Docker replays this many (moby daemon/events: `eventsLimit`). */
const kept = 256;

/** The events of one engine: the last 256, and those to come. */
export interface EventLog {
  publish(event: EngineEvent): void;
  /** What is remembered, oldest first. */
  recent(): readonly EngineEvent[];
  /** Calls `listener` for each event from now on, until the answer is called. */
  subscribe(listener: (event: EngineEvent) => void): () => void;
}

export function createEventLog(): EventLog {
  const recent: EngineEvent[] = [];
  const listeners = new Set<(event: EngineEvent) => void>();
  return {
    publish(event) {
      recent.push(event);
      if (recent.length > kept) recent.shift();
      for (const listener of listeners) listener(event);
    },
    recent: () => [...recent],
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** An event of `image`, named as docker names it; its labels are among the attributes. */
export function imageEvent(
  { clock }: { readonly clock: () => number },
  action: string,
  image: { readonly id: string; readonly labels?: Readonly<Record<string, string>> | undefined },
  name: string,
): EngineEvent {
  return { type: 'image', action, id: image.id, attributes: { ...image.labels, name }, time: clock() };
}
