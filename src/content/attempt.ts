import { fromErrno } from '#errors';

/** What `work` answers; its system errors are translated, `action` says what was tried ("read blob sha256:…"). */
export async function attempt<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fromErrno(error, action);
  }
}
