import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEventLog, imageEvent, type EngineEvent } from './events.ts';

function event(number: number): EngineEvent {
  return { type: 'image', action: 'pull', id: String(number), attributes: {}, time: number };
}

test('the last 256 events are remembered, oldest first', () => {
  const log = createEventLog();
  for (let number = 0; number < 300; number++) log.publish(event(number));
  const recent = log.recent();
  assert.equal(recent.length, 256);
  assert.equal(recent[0]?.id, '44');
  assert.equal(recent.at(-1)?.id, '299');
});

test('what was remembered does not change under the reader', () => {
  const log = createEventLog();
  log.publish(event(1));
  const recent = log.recent();
  log.publish(event(2));
  assert.equal(recent.length, 1);
});

test('a listener hears what comes from its call on, until it ends', () => {
  const log = createEventLog();
  const heard: string[] = [];
  log.publish(event(1));
  const end = log.subscribe(({ id }) => heard.push(id));
  log.publish(event(2));
  end();
  log.publish(event(3));
  assert.deepEqual(heard, ['2']);
});

test('an event of an image carries its labels, and its name wins over a label of that name', () => {
  const image = { id: 'sha256:1', labels: { name: 'label', maintainer: 'me' } };
  assert.deepEqual(imageEvent({ clock: () => 7 }, 'tag', image, 'busybox:latest'), {
    type: 'image',
    action: 'tag',
    id: 'sha256:1',
    attributes: { name: 'busybox:latest', maintainer: 'me' },
    time: 7,
  });
});
