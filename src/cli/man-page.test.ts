import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { defineCommand, type Program } from './index.ts';
import { manPages } from './man-page.ts';
import { gantryProgram } from './program-tree.ts';

const pages = manPages(gantryProgram('1.0.0'));

const hasGroff = spawnSync('groff', ['--version']).error === undefined;

test('there is a page for the program, its groups and its commands, and other names lead there', () => {
  for (const name of ['gantry.1', 'gantry-image.1', 'gantry-image-ls.1', 'gantry-fsck.1']) {
    const text = pages.get(name) ?? '';
    assert.match(text, /^\.TH "GANTRY[A-Z-]*" 1 "" "Gantry version 1.0.0" "gantry"\n\.SH "NAME"\n/, name);
  }
  assert.equal(pages.get('gantry-images.1'), '.so man1/gantry-image-ls.1\n');
  assert.equal(pages.get('gantry-image-list.1'), '.so man1/gantry-image-ls.1\n');
  const images = pages.get('gantry-image-ls.1') ?? '';
  const titles = [...images.matchAll(/^\.SH "(.*)"$/gm)].map(([, title]) => title);
  assert.deepEqual(titles, ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'OPTIONS', 'EXAMPLES', 'SEE ALSO']);
});

const odd: Program = {
  name: 'odd',
  short: 'Says “odd” things',
  version: 'odd 1',
  groups: [],
  commands: [
    defineCommand({
      name: 'say',
      usage: '',
      short: 'Say it',
      long: ".dotted line\n'quoted line\n\nback\\slash",
      flags: { secret: { type: 'boolean', usage: 'None', hidden: true } },
      arity: { min: 0, max: 0 },
      run: async () => undefined,
    }),
    defineCommand({
      name: 'hide',
      usage: '',
      short: 'Hide',
      hidden: true,
      flags: {},
      arity: { min: 0, max: 0 },
      run: async () => undefined,
    }),
  ],
};

test('text is text to roff, and what is hidden has no page', () => {
  const made = manPages(odd);
  assert.deepEqual([...made.keys()], ['odd.1', 'odd-say.1']);
  assert.match(made.get('odd-say.1') ?? '', /\n\\&\.dotted line\n\\&'quoted line\n\.PP\nback\\eslash\n/);
  assert.match(made.get('odd.1') ?? '', /Says \\\[u201C\]odd\\\[u201D\] things/);
  assert.doesNotMatch([...made.values()].join(''), /secret|hide/);
});

test('groff sets each page without a warning', { skip: hasGroff ? false : 'there is no groff' }, () => {
  const whole = new Map([...pages, ...manPages(odd)]);
  const texts = [...whole.values()].filter((text) => !text.startsWith('.so '));
  const { status, stderr } = spawnSync('groff', ['-man', '-Tascii', '-ww', '-z'], {
    input: texts.join(''),
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [0, '']);
  const shown = spawnSync('groff', ['-man', '-Tascii', '-P-cbou'], {
    input: pages.get('gantry-image-pull.1') ?? '',
    encoding: 'utf8',
  }).stdout;
  assert.match(
    shown,
    /--progress string\n +Show +progress +as +"auto", +"plain", +"json" +or +"quiet" +\(default\s+"auto"\)/,
  );
  assert.match(shown, /gantry pull --platform linux\/arm64/);
});
