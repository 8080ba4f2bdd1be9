import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { openLog } from './log.ts';

function memory(isTTY = false): { output: Writable & { isTTY: boolean }; text: () => string } {
  let text = '';
  const output = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  return { output: Object.assign(output, { isTTY }), text: () => text };
}

test('elsewhere than on a terminal each line is a JSON object with level, time and message', async () => {
  const { output, text } = memory();
  const log = await openLog(output, { level: 'info', format: 'auto' });
  log.info('request', { status: 200, hosts: ['a', 'b'], absent: undefined });
  const { time, ...rest } = JSON.parse(text()) as Record<string, unknown>;
  assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(rest, { level: 'info', msg: 'request', status: 200, hosts: ['a', 'b'] });
});

test('on a terminal lines are for people, and what a client sent moves no cursor', async () => {
  const { output, text } = memory(true);
  const log = await openLog(output, { level: 'info', format: 'auto' });
  log.warn('slow\n\u001b[2J', { path: '/a b', ms: 5 });
  assert.match(text(), /^\S+Z WARN {2}slow\\u000a\\u001b\[2J {2}path="\/a b" {2}ms=5\n$/);
});

test('lines below the level are dropped, and the level can change', async () => {
  const { output, text } = memory();
  const log = await openLog(output, { level: 'warn', format: 'text' });
  log.info('no');
  log.error('one');
  log.setLevel('debug');
  log.debug('two');
  log.setLevel('fatal');
  log.error('no');
  assert.deepEqual(
    text()
      .trim()
      .split('\n')
      .map((line) => line.split('  ').at(-1)?.split(' ').at(-1)),
    ['one', 'two'],
  );
});

test('secrets in messages and fields are taken out', async () => {
  const { output, text } = memory();
  const log = await openLog(output, { level: 'info', format: 'json' });
  log.info('GET https://me:hunter2@host/', { path: '/x?token=hunter2', list: ['Bearer hunter2hunter2'] });
  assert.ok(!text().includes('hunter2'), text());
});
