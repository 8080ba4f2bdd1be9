import { GantryError, toError } from '#errors';
import { parsePlatform, type Platform } from '#oci';

/** The parameter `platform` as the Engine API takes it since 1.46: JSON. */
export function platformQuery(text: string): { platform?: string } {
  return text === '' ? {} : { platform: platformJson(text) };
}

/** @throws invalid-argument `platform-invalid` */
export function platformJson(text: string): string {
  const { os, architecture, variant } = parse(text);
  return JSON.stringify({ architecture, os, ...(variant !== undefined && { variant }) });
}

function parse(text: string): Platform {
  try {
    return parsePlatform(text);
  } catch (error) {
    const message = `invalid platform: ${toError(error).message}`;
    throw new GantryError('invalid-argument', 'platform-invalid', message, { cause: error });
  }
}
