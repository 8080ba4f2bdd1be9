import type { EngineClient } from '#engine-client';
import { GantryError } from '#errors';
import { compareApiVersions, parseApiVersion } from '#wire';

/**
 * Refuses a flag that the daemon is too old for: it would do its work without it.
 *
 * @throws unsupported `api-too-old`, in docker's words
 */
export function requireApi({ apiVersion }: EngineClient, version: string, flag: string): void {
  if (compareApiVersions(apiVersion, parseApiVersion(version)) >= 0) return;
  throw new GantryError(
    'unsupported',
    'api-too-old',
    `"${flag}" requires API version ${version}, but the Docker daemon API version is ${apiVersion}`,
  );
}
