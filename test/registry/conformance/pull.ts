import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { digestOf } from '#oci';
import {
  ask,
  expectBlob,
  expectError,
  expectManifest,
  expectStatus,
  fresh,
  pushBlob,
  pushImage,
  type Check,
  type Target,
} from './target.ts';

/** Reading: what the conformance suites call ping, pull, and range requests. */
export function pullCases(check: Check, target: () => Target): void {
  check('ping: the root answers 200', async () => {
    expectStatus(await ask(target(), 'GET /v2/'), 200);
  });

  check('pull: a blob that is not there is 404 for HEAD and GET', async () => {
    const digest = digestOf(randomBytes(8));
    expectStatus(await ask(target(), `HEAD /v2/${fresh()}/blobs/${digest}`), 404);
    expectError(
      await ask(target(), `GET /v2/${fresh()}/blobs/${digest}`),
      404,
      'BLOB_UNKNOWN',
      'NAME_UNKNOWN',
    );
  });

  check('pull: a blob is given to HEAD and GET', async () => {
    const [repository, blob] = [fresh(), randomBytes(3000)];
    await pushBlob(target(), repository, blob);
    await expectBlob(target(), repository, blob);
  });

  check('pull: a manifest that is not there is 404 for HEAD and GET', async () => {
    const repository = fresh();
    await pushImage(target(), repository);
    for (const reference of ['.INVALID_MANIFEST_NAME', 'absent', digestOf(randomBytes(8))]) {
      expectStatus(await ask(target(), `HEAD /v2/${repository}/manifests/${reference}`), 404);
      expectStatus(await ask(target(), `GET /v2/${repository}/manifests/${reference}`), 404);
    }
  });

  check('pull: a manifest is given by tag and by digest', async () => {
    const repository = fresh();
    const image = await pushImage(target(), repository);
    for (const reference of ['v1', image.digest]) {
      await expectManifest(target(), repository, reference, image);
    }
  });

  check('pull: a digest that is none is 400 with an error body, or 404', async () => {
    const repository = fresh();
    await pushImage(target(), repository);
    const reply = await ask(target(), `GET /v2/${repository}/manifests/sha256:totallywrong`);
    if (reply.status === 404) return;
    expectError(reply, 400, 'DIGEST_INVALID', 'MANIFEST_INVALID', 'NAME_INVALID', 'TAG_INVALID');
  });

  for (const [range, start, end] of [
    ['500-1499', 500, 1500],
    ['500-', 500, 3000],
    ['-500', 2500, 3000],
    ['2000-5000', 2000, 3000],
    ['0-0', 0, 1],
  ] as const) {
    check(`range: ${range} of 3000 bytes is 206 with these`, async () => {
      const [repository, blob] = [fresh(), randomBytes(3000)];
      await pushBlob(target(), repository, blob);
      const headers = { range: `bytes=${range}` };
      const reply = expectStatus(
        await ask(target(), `GET /v2/${repository}/blobs/${digestOf(blob)}`, { headers }),
        206,
      );
      assert.equal(reply.headers.get('content-range'), `bytes ${start}-${end - 1}/3000`);
      assert.equal(reply.headers.get('content-length'), String(end - start));
      assert.ok(reply.body.equals(blob.subarray(start, end)));
    });
  }

  for (const range of ['500-0', '5000-10000']) {
    check(`range: ${range} of 3000 bytes is 416`, async () => {
      const [repository, blob] = [fresh(), randomBytes(3000)];
      await pushBlob(target(), repository, blob);
      const headers = { range: `bytes=${range}` };
      expectStatus(await ask(target(), `GET /v2/${repository}/blobs/${digestOf(blob)}`, { headers }), 416);
    });
  }

  check('range: several ranges are several parts', async () => {
    const [repository, blob] = [fresh(), randomBytes(3000)];
    await pushBlob(target(), repository, blob);
    const headers = { range: 'bytes=0-9, 100-109, -5' };
    const path = `/v2/${repository}/blobs/${digestOf(blob)}`;
    const reply = expectStatus(await ask(target(), `GET ${path}`, { headers }), 206);
    assert.equal(reply.headers.get('content-length'), String(reply.body.length));
    const [, boundary] =
      /^multipart\/byteranges; boundary="?([^"]+)/.exec(reply.headers.get('content-type') ?? '') ?? [];
    const parts = reply.body.toString('latin1').split(`\r\n--${boundary}`);
    assert.equal(parts.at(-1), '--\r\n');
    for (const [index, [start, end]] of [
      [0, 10],
      [100, 110],
      [2995, 3000],
    ].entries()) {
      const [head = '', ...rest] = (parts[index + 1] ?? '').split('\r\n\r\n');
      assert.match(head, new RegExp(`Content-Range: bytes ${start!}-${end! - 1}/3000`, 'i'));
      assert.equal(rest.join('\r\n\r\n'), blob.subarray(start, end).toString('latin1'));
    }
  });

  check('range: all of a blob without bytes is 200, for clients ask for 0- of everything', async () => {
    const [repository, blob] = [fresh(), new Uint8Array()];
    await pushBlob(target(), repository, blob);
    const headers = { range: 'bytes=0-' };
    expectStatus(await ask(target(), `GET /v2/${repository}/blobs/${digestOf(blob)}`, { headers }), 200, 206);
  });

  check('pull: nothing is compressed on the way', async () => {
    const repository = fresh();
    const blob = Buffer.alloc(5000, 'a');
    await pushBlob(target(), repository, blob);
    const headers = { 'accept-encoding': 'zstd, gzip' };
    const reply = await ask(target(), `GET /v2/${repository}/blobs/${digestOf(blob)}`, { headers });
    assert.equal(reply.headers.get('content-encoding'), null);
    assert.equal(reply.headers.get('content-length'), '5000');
  });

  check('pull: what the client has already is 304, blob and manifest', async () => {
    const repository = fresh();
    const image = await pushImage(target(), repository);
    for (const path of [
      `/v2/${repository}/manifests/v1`,
      `/v2/${repository}/blobs/${digestOf(image.layers[0]!)}`,
    ]) {
      const etag = (await ask(target(), `GET ${path}`)).headers.get('etag');
      assert.ok(etag);
      expectStatus(await ask(target(), `GET ${path}`, { headers: { 'if-none-match': etag } }), 304);
      expectStatus(await ask(target(), `GET ${path}`, { headers: { 'if-none-match': '"x"' } }), 200);
    }
  });

  check('errors: what is no path, method or name is told with an error body', async () => {
    expectError(await ask(target(), 'GET /v2/a/b/nothing/here'), 404, 'UNSUPPORTED');
    expectError(await ask(target(), 'PATCH /v2/a/manifests/v1'), 405, 'UNSUPPORTED');
    expectError(await ask(target(), 'GET /v2/UPPER/tags/list'), 400, 'NAME_INVALID');
    expectError(await ask(target(), 'GET /v2/a/blobs/sha256:short'), 400, 'DIGEST_INVALID');
  });
}
