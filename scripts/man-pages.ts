import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { wholeProgram } from '../src/app/program.ts';
import { manPages } from '../src/cli/man-page.ts';

/** Fills `folder` with the manual pages of the whole program, and nothing else; answers how many there are. */
export function writeManPages(folder: string): number {
  const pages = manPages(wholeProgram({ uid: 0, home: '/root', cwd: '/', env: {} }));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of pages) writeFileSync(path.join(folder, name), text);
  return pages.size;
}
