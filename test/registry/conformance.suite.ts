import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { discoveryCases } from './conformance/discovery.ts';
import { manifestCases } from './conformance/manifests.ts';
import { pullCases } from './conformance/pull.ts';
import { blobCases } from './conformance/push.ts';
import type { Target } from './conformance/target.ts';

/**
 * What the distribution specification (1.1 and its next version) and the clients in use ask of a registry, as black
 * boxes over HTTP: the cases of the specification's two conformance suites, and what neither of them tests.
 *
 * @param options.failing cases that this registry is known to fail: they must fail, or the list is out of date
 */
export function conformanceSuite(
  name: string,
  open: () => Promise<Target & AsyncDisposable>,
  { failing = [] }: { failing?: readonly string[] } = {},
): void {
  describe(`${name}, by the distribution specification`, () => {
    let target: Target & AsyncDisposable;
    before(async () => {
      target = await open();
    });
    after(() => target[Symbol.asyncDispose]());

    const unheard = new Set(failing);
    const check = (title: string, body: () => Promise<void>): void => {
      const fails = unheard.delete(title);
      test(fails ? `${title} (known to fail)` : title, () => (fails ? assert.rejects(body) : body()));
    };
    for (const cases of [pullCases, blobCases, manifestCases, discoveryCases]) cases(check, () => target);

    test('the list of known failures names cases only', () => {
      assert.deepEqual([...unheard], []);
    });
  });
}
