import { findError } from '#errors';

/** What `run` returns, or undefined when it throws a GantryError; any other error is a bug and passes through. */
export function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (findError(error) !== error) throw error;
    return undefined;
  }
}
