/**
 * Makes dist/, which the published package has in place of src/: JavaScript and declarations. `#module` means the
 * same there, for the package.json nearest to dist's files is its own. The manual pages stand beside it.
 */
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { writeManPages } from './man-pages.ts';

rmSync('dist', { recursive: true, force: true });
const { status } = spawnSync('tsc', ['--project', 'tsconfig.build.json'], { stdio: 'inherit' });
if (status !== 0) process.exit(1);
const manifest = { type: 'module', imports: { '#*': './*/index.js' } };
writeManPages('dist/man/man1');
writeFileSync('dist/package.json', `${JSON.stringify(manifest, null, 2)}\n`);
