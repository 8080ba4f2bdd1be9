import { GantryError } from '#errors';
import {
  type ApiVersion,
  compareApiVersions,
  currentApiVersion,
  oldestApiVersion,
  parseApiVersion,
} from '#wire';

/** A request's path without `/v1.50` in front of it, and that version as it was written. */
export function splitVersion(target: string): { version: string | undefined; path: string } {
  const [, version, path] = /^\/v([0-9.]+)(\/.*)$/s.exec(target) ?? [];
  return path === undefined ? { version: undefined, path: target } : { version, path };
}

/**
 * The version to serve (moby api/server/middleware/version.go). A path without a version means the newest.
 *
 * @throws invalid-argument `api-version-new`, `api-version-old`, `api-version`
 */
export function negotiate(version: string | undefined): ApiVersion {
  if (version === undefined) return currentApiVersion;
  const wanted = parseApiVersion(version);
  if (compareApiVersions(wanted, currentApiVersion) > 0) {
    throw new GantryError(
      'invalid-argument',
      'api-version-new',
      `client version ${version} is too new. Maximum supported API version is ${currentApiVersion}`,
    );
  }
  if (compareApiVersions(wanted, oldestApiVersion) < 0) {
    throw new GantryError(
      'invalid-argument',
      'api-version-old',
      `client version ${version} is too old. Minimum supported API version is ${oldestApiVersion}, please upgrade your client to a newer version`,
    );
  }
  return wanted;
}
