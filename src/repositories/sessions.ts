import type { ContentStore, Upload } from '#content';

/**
 * How long an upload stays open after a request, in milliseconds. Opening it again reads all its bytes for their
 * digest, and clients send their next request at once; another process has to wait for as long.
 */
const idle = 5000;

/** Uploads that are open between the requests of their clients. */
export interface Sessions extends AsyncDisposable {
  /**
   * Gives the upload to `work`, after whoever has it. When `work` ended the upload it says so with `ended`. When it
   * throws, the upload is closed; its bytes stay.
   *
   * @throws the signal's reason when aborted before `work` began
   */
  use<T>(
    id: string,
    work: (upload: Upload, ended: () => void) => Promise<T>,
    signal: AbortSignal | undefined,
  ): Promise<T>;

  /** How many bytes an upload that is open has; undefined when it is not. */
  offset(id: string): number | undefined;
}

interface Session {
  upload: Upload | undefined;
  /** Resolves when the last one in the queue is done. */
  queue: Promise<void>;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

/** No upload is open yet. */
export function createSessions(content: ContentStore): Sessions {
  const sessions = new Map<string, Session>();

  async function close(session: Session): Promise<void> {
    const { upload } = session;
    session.upload = undefined;
    await upload?.[Symbol.asyncDispose]();
  }

  function enter(id: string): Session {
    const session = sessions.get(id) ?? {
      upload: undefined,
      queue: Promise.resolve(),
      users: 0,
      timer: undefined,
    };
    sessions.set(id, session);
    clearTimeout(session.timer);
    session.users++;
    return session;
  }

  function leave(id: string, session: Session): void {
    if (--session.users > 0) return;
    if (session.upload === undefined) {
      sessions.delete(id);
      return;
    }
    session.timer = setTimeout(() => {
      sessions.delete(id);
      // A failure to close concerns nobody: the next request opens what is there.
      close(session).catch(() => undefined);
    }, idle).unref();
  }

  return {
    async use(id, work, signal) {
      const session = enter(id);
      const previous = session.queue;
      let done = (): void => undefined;
      session.queue = new Promise((resolve) => {
        done = resolve;
      });
      try {
        await previous;
        signal?.throwIfAborted();
        session.upload ??= await content.upload(id, signal === undefined ? {} : { signal });
        return await work(session.upload, () => {
          session.upload = undefined;
        });
      } catch (error) {
        await close(session);
        throw error;
      } finally {
        done();
        leave(id, session);
      }
    },

    offset: (id) => sessions.get(id)?.upload?.offset,

    async [Symbol.asyncDispose]() {
      const open = [...sessions.values()];
      sessions.clear();
      for (const session of open) {
        clearTimeout(session.timer);
        await session.queue;
        await close(session);
      }
    },
  };
}
