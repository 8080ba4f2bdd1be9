import assert from 'node:assert/strict';
import { test } from 'node:test';
import { empty } from './answer.ts';
import { createRouter } from './router.ts';
import { routes } from './routes.ts';

const handle = () => empty(200);
const find = createRouter([
  { method: 'GET', path: '/images/json', handle },
  { method: 'GET', path: '/images/{name}/json', handle },
  { method: 'DELETE', path: '/images/{name}', handle },
]);

test('a name takes slashes and colons, up to the last suffix of the path', () => {
  assert.equal(find('GET', '/images/127.0.0.1:5000/a/json/json')?.name, '127.0.0.1:5000/a/json');
  assert.equal(find('GET', '/images/json')?.name, '');
  assert.equal(find('DELETE', '/images/a@sha256:00')?.name, 'a@sha256:00');
  assert.equal(find('DELETE', '/images/a\n')?.name, 'a\n');
});

test('another method, a longer path and a shorter one are no match', () => {
  for (const [method, path] of [
    ['POST', '/images/json'],
    ['GET', '/images/json/'],
    ['GET', '/images'],
    ['DELETE', '/images'],
  ] as const) {
    assert.equal(find(method, path), undefined, `${method} ${path}`);
  }
});

test('no route is hidden behind one before it', () => {
  const router = createRouter(routes);
  for (const route of routes) {
    assert.equal(router(route.method, route.path.replace('{name}', 'x'))?.handle, route.handle, route.path);
  }
});
