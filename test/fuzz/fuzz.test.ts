/**
 * Every parser of foreign bytes, on sound inputs with changes in them: it answers or throws one of our errors, soon.
 * FUZZ_SECONDS says for how long each is tried; 2 unless told. What fails is kept in test/corpus/, named by the
 * parser and the cause, and tried first from then on.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findError } from '#errors';
import { digestOf, shortId } from '#oci';
import { mutate } from './mutate.ts';
import { parsers, type FuzzedParser } from './parsers.ts';

const seconds = Number(process.env['FUZZ_SECONDS'] ?? 2);
const corpus = new URL('../corpus/', import.meta.url).pathname;
/** Milliseconds that one input of at most a MiB may take, on a busy machine. */
const patience = 2000;

/** Why the parser is at fault, in a few words, or undefined. */
async function fault({ parse }: FuzzedParser, input: Uint8Array): Promise<string | undefined> {
  const started = performance.now();
  try {
    await parse(input);
  } catch (error) {
    const ours = findError(error);
    if (ours === undefined) return error instanceof Error ? error.name : 'no error';
    if (ours.kind === 'internal') return `internal ${ours.code}`;
  }
  return performance.now() - started > patience ? 'slow' : undefined;
}

for (const [name, parser] of Object.entries(parsers)) {
  test(`${name}: what was kept of earlier failures, and ${seconds} s of new inputs`, async (t) => {
    const prefix = name.replaceAll(' ', '-');
    for (const file of fs.readdirSync(corpus).filter((each) => each.startsWith(`${prefix}_`))) {
      assert.equal(await fault(parser, fs.readFileSync(join(corpus, file))), undefined, file);
    }
    for (const seed of parser.seeds) await parser.parse(seed);
    let inputs: readonly Uint8Array[] = parser.seeds;
    let tried = 0;
    for (const end = performance.now() + seconds * 1000; performance.now() < end; tried++) {
      const input = mutate(inputs[tried % inputs.length]!, Math.random);
      const cause = await fault(parser, input);
      if (cause !== undefined) {
        const file = `${prefix}_${cause.replaceAll(/\W+/g, '-')}_${shortId(digestOf(input))}`;
        fs.writeFileSync(join(corpus, file), input);
        assert.fail(`${cause}: the input is kept in test/corpus/${file}`);
      }
      // Changes pile up, so that what needs several of them is reached; now and then it begins anew.
      inputs = tried % 50 === 0 ? parser.seeds : [...parser.seeds, input];
    }
    t.diagnostic(`${tried} inputs`);
  });
}
