import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { describeTerminal, type OutputStream } from './terminal.ts';

function terminal(columns?: number): OutputStream {
  return Object.assign(new PassThrough(), { isTTY: true, ...(columns !== undefined && { columns }) });
}

test('a stream that is no terminal has no end of line and no colour', () => {
  assert.deepEqual(describeTerminal(new PassThrough(), {}), {
    isTerminal: false,
    columns: undefined,
    colour: false,
  });
});

test('a terminal has its width, or 80 when it does not know it', () => {
  assert.equal(describeTerminal(terminal(120), {}).columns, 120);
  assert.equal(describeTerminal(terminal(0), {}).columns, 80);
  assert.equal(describeTerminal(terminal(), {}).columns, 80);
});

test('colour yields to NO_COLOR and to a dumb terminal', () => {
  assert.equal(describeTerminal(terminal(), { NO_COLOR: '', TERM: 'xterm' }).colour, true);
  assert.equal(describeTerminal(terminal(), { NO_COLOR: '1' }).colour, false);
  assert.equal(describeTerminal(terminal(), { TERM: 'dumb' }).colour, false);
});
