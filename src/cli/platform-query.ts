import { parsePlatform } from '#oci';

/** The parameter `platform` as the Engine API takes it since 1.46: JSON. */
export function platformQuery(text: string): { platform?: string } {
  return text === '' ? {} : { platform: platformJson(text) };
}

/** @throws invalid-argument `platform-invalid` */
export function platformJson(text: string): string {
  const { os, architecture, variant } = parsePlatform(text);
  return JSON.stringify({ architecture, os, ...(variant !== undefined && { variant }) });
}
