import { readFileSync } from 'node:fs';

/** Gantry's version. The package's own file stands two folders up, from sources and from dist alike. */
export const version = readVersion();

function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}
