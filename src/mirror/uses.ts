import type { Metadata, MirrorUse } from '#metadata';
import type { Digest } from '#oci';

/** When mirrored content was last asked for. Gathered in memory: a commit for each request would cost more than it. */
export interface Uses {
  note(repository: string, digest: Digest): void;
  /** Makes what was noted durable. */
  flush(): Promise<void>;
}

/** How many are gathered before they are written. */
const most = 1000;

export function createUses({ mirrored }: Metadata, clock: () => number): Uses {
  let noted = new Map<string, MirrorUse>();

  async function flush(): Promise<void> {
    const uses = [...noted.values()];
    noted = new Map();
    if (uses.length > 0) await mirrored.use(uses);
  }

  return {
    note(repository, digest) {
      noted.set(`${repository}@${digest}`, { repository, digest, at: clock() });
      // A use that is lost costs at most that the content is fetched again.
      if (noted.size >= most) flush().catch(() => undefined);
    },
    flush,
  };
}
