/** Writes the manual pages from the program's own data: `npm run man`, then `man -l dist/man/man1/gantry.1`. */
import { writeManPages } from './man-pages.ts';

const folder = 'dist/man/man1';
console.log(`${writeManPages(folder)} pages in ${folder}`);
