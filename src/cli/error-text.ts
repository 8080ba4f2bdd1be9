import { findError, toError } from '#errors';

/** An error as docker prints it: the daemon's refusals are marked as its. */
export function errorText(error: unknown): string {
  const found = findError(error);
  const { message } = found ?? toError(error);
  return found?.code === 'daemon-error' ? `Error response from daemon: ${message}` : message;
}
