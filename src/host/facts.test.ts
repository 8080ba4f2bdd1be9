import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { hostFacts } from './index.ts';

test('the facts are those that uname says', async () => {
  const facts = await hostFacts();
  assert.equal(facts.kernelRelease, execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim());
  assert.equal(facts.machine, execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim());
  assert.ok(facts.memory > 1 << 20 && facts.cpus > 0);
  assert.ok(!facts.operatingSystem.includes('"') && facts.operatingSystem !== '');
  assert.ok([1, 2].includes(facts.cgroupVersion));
});
