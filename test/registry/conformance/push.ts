import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { digestOf } from '#oci';
import {
  ask,
  begin,
  expectBlob,
  expectError,
  expectStatus,
  fresh,
  locationOf,
  pushBlob,
  withDigest,
  type Check,
  type Target,
} from './target.ts';

async function* inPieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700);
}

const blobType = { 'content-type': 'application/octet-stream' };

/** Blobs: each way of pushing them, by each algorithm. */
export function blobCases(check: Check, target: () => Target): void {
  for (const algorithm of ['sha256', 'sha512'] as const) {
    const blob = () => {
      const bytes = randomBytes(3000);
      return { repository: fresh(), bytes, digest: digestOf(bytes, algorithm) };
    };
    const wrong = () => digestOf(randomBytes(8), algorithm);

    check(`${algorithm} blob: a single POST`, async () => {
      const { repository, bytes, digest } = blob();
      const line = `POST /v2/${repository}/blobs/uploads/?digest=${digest}`;
      const reply = expectStatus(await ask(target(), line, { headers: blobType, body: bytes }), 201);
      const got = await ask(target(), `GET ${locationOf(reply)}`);
      assert.ok(got.body.equals(bytes));
      await expectBlob(target(), repository, bytes, digest);
    });

    check(`${algorithm} blob: POST and PUT`, async () => {
      const { repository, bytes, digest } = blob();
      const reply = await pushBlob(target(), repository, bytes, digest);
      assert.ok((await ask(target(), `GET ${locationOf(reply)}`)).body.equals(bytes));
      await expectBlob(target(), repository, bytes, digest);
    });

    check(`${algorithm} blob: one chunk without a range, and a PUT without a body`, async () => {
      const { repository, bytes, digest } = blob();
      const location = await begin(target(), repository);
      const sent = await ask(target(), `PATCH ${location}`, { headers: blobType, body: inPieces(bytes) });
      const next = locationOf(expectStatus(sent, 202));
      expectStatus(await ask(target(), `PUT ${withDigest(next, digest)}`), 201);
      await expectBlob(target(), repository, bytes, digest);
    });

    check(`${algorithm} blob: chunks with ranges, the last in the PUT`, async () => {
      const { repository, bytes, digest } = blob();
      let location = await begin(target(), repository);
      for (const [start, end] of [
        [0, 1000],
        [1000, 2000],
      ] as const) {
        const headers = { ...blobType, 'content-range': `${start}-${end - 1}` };
        const body = bytes.subarray(start, end);
        const sent = expectStatus(await ask(target(), `PATCH ${location}`, { headers, body }), 202);
        assert.equal(sent.headers.get('range'), `0-${end - 1}`);
        location = locationOf(sent);
      }
      const headers = { ...blobType, 'content-range': '2000-2999' };
      const body = bytes.subarray(2000);
      expectStatus(await ask(target(), `PUT ${withDigest(location, digest)}`, { headers, body }), 201);
      await expectBlob(target(), repository, bytes, digest);
    });

    check(
      `${algorithm} blob: a chunk out of order is 416, in PATCH and PUT, and the upload goes on`,
      async () => {
        const { repository, bytes, digest } = blob();
        const begun = await begin(target(), repository);
        const early = { ...blobType, 'content-range': '1000-1999' };
        const middle = bytes.subarray(1000, 2000);
        expectStatus(await ask(target(), `PATCH ${begun}`, { headers: early, body: middle }), 416);
        const first = { ...blobType, 'content-range': '0-999' };
        const sent = await ask(target(), `PATCH ${begun}`, { headers: first, body: bytes.subarray(0, 1000) });
        const next = locationOf(expectStatus(sent, 202));
        const again = await ask(target(), `PATCH ${begun}`, {
          headers: first,
          body: bytes.subarray(0, 1000),
        });
        expectStatus(again, 416);
        const late = { ...blobType, 'content-range': '2000-2999' };
        const end = withDigest(next, digest);
        expectStatus(await ask(target(), `PUT ${end}`, { headers: late, body: bytes.subarray(2000) }), 416);
        const status = expectStatus(await ask(target(), `GET ${begun}`), 204);
        assert.equal(status.headers.get('range'), '0-999');
        const resumed = locationOf(status);
        const more = await ask(target(), `PATCH ${resumed}`, { headers: early, body: middle });
        const last = withDigest(locationOf(expectStatus(more, 202)), digest);
        expectStatus(await ask(target(), `PUT ${last}`, { headers: late, body: bytes.subarray(2000) }), 201);
        await expectBlob(target(), repository, bytes, digest);
      },
    );

    check(`${algorithm} blob: without bytes, and the empty JSON object`, async () => {
      const repository = fresh();
      for (const bytes of [new Uint8Array(), Buffer.from('{}')]) {
        await pushBlob(target(), repository, bytes, digestOf(bytes, algorithm));
        await expectBlob(target(), repository, bytes, digestOf(bytes, algorithm));
      }
    });

    check(
      `${algorithm} blob: a wrong digest is 400, however it is pushed, and there is no blob`,
      async () => {
        const { repository, bytes } = blob();
        const single = `POST /v2/${repository}/blobs/uploads/?digest=${wrong()}`;
        const reply = await ask(target(), single, { headers: blobType, body: bytes });
        // A registry without single POSTs begins an upload.
        if (reply.status !== 202) expectError(reply, 400, 'DIGEST_INVALID');
        const digest = wrong();
        const whole = withDigest(await begin(target(), repository), digest);
        expectError(
          await ask(target(), `PUT ${whole}`, { headers: blobType, body: bytes }),
          400,
          'DIGEST_INVALID',
        );
        const chunked = await ask(target(), `PATCH ${await begin(target(), repository)}`, {
          headers: blobType,
          body: bytes,
        });
        const end = withDigest(locationOf(chunked), digest);
        expectError(await ask(target(), `PUT ${end}`), 400, 'DIGEST_INVALID');
        expectStatus(await ask(target(), `GET /v2/${repository}/blobs/${digest}`), 404);
      },
    );

    check(`${algorithm} blob: mounted from another repository`, async () => {
      const { repository, bytes, digest } = blob();
      const other = fresh();
      await pushBlob(target(), repository, bytes, digest);
      const line = `POST /v2/${other}/blobs/uploads/?mount=${digest}&from=${repository}`;
      const reply = expectStatus(await ask(target(), line), 201);
      assert.equal(new URL(locationOf(reply), target().url).pathname, `/v2/${other}/blobs/${digest}`);
      await expectBlob(target(), other, bytes, digest);
    });

    check(`${algorithm} blob: mounted without saying from where`, async () => {
      const { repository, bytes, digest } = blob();
      const other = fresh();
      await pushBlob(target(), repository, bytes, digest);
      expectStatus(await ask(target(), `POST /v2/${other}/blobs/uploads/?mount=${digest}`), 201);
      await expectBlob(target(), other, bytes, digest);
    });

    check(`${algorithm} blob: a mount of what is not there is an upload`, async () => {
      const repository = fresh();
      for (const from of ['', `&from=${fresh()}`]) {
        const line = `POST /v2/${repository}/blobs/uploads/?mount=${wrong()}${from}`;
        const location = locationOf(expectStatus(await ask(target(), line), 202));
        const { pathname } = new URL(location, target().url);
        assert.ok(pathname.startsWith(`/v2/${repository}/blobs/uploads/`), pathname);
      }
    });

    check(`${algorithm} blob: deleted, it is 404 at once`, async () => {
      const { repository, bytes, digest } = blob();
      await pushBlob(target(), repository, bytes, digest);
      expectStatus(await ask(target(), `DELETE /v2/${repository}/blobs/${digest}`), 202);
      expectStatus(await ask(target(), `GET /v2/${repository}/blobs/${digest}`), 404);
      expectError(
        await ask(target(), `DELETE /v2/${repository}/blobs/${digest}`),
        404,
        'BLOB_UNKNOWN',
        'NAME_UNKNOWN',
      );
    });
  }

  check('upload: cancelled, it is gone', async () => {
    const location = await begin(target(), fresh());
    expectStatus(await ask(target(), `DELETE ${location}`), 204);
    expectError(await ask(target(), `GET ${location}`), 404, 'BLOB_UPLOAD_UNKNOWN');
  });

  check('upload: one that never was is 404', async () => {
    const line = `PATCH /v2/${fresh()}/blobs/uploads/${'0'.repeat(36)}`;
    expectError(
      await ask(target(), line, { body: Buffer.from('x') }),
      404,
      'BLOB_UPLOAD_UNKNOWN',
      'BLOB_UPLOAD_INVALID',
    );
  });

  check('upload: the digest algorithm may be told in advance', async () => {
    const [repository, bytes] = [fresh(), randomBytes(100)];
    const line = `POST /v2/${repository}/blobs/uploads/?digest-algorithm=sha512`;
    const location = locationOf(expectStatus(await ask(target(), line), 202));
    const digest = digestOf(bytes, 'sha512');
    expectStatus(
      await ask(target(), `PUT ${withDigest(location, digest)}`, { headers: blobType, body: bytes }),
      201,
    );
    await expectBlob(target(), repository, bytes, digest);
  });

  check('upload: a PUT without a digest, or with none that is one, is 400', async () => {
    const location = await begin(target(), fresh());
    expectError(await ask(target(), `PUT ${location}`), 400, 'DIGEST_INVALID');
    expectError(await ask(target(), `PUT ${withDigest(location, 'md5:00')}`), 400, 'DIGEST_INVALID');
  });

  check('upload: a chunk of another size than its range is refused', async () => {
    const location = await begin(target(), fresh());
    const headers = { ...blobType, 'content-range': '0-99' };
    const reply = await ask(target(), `PATCH ${location}`, { headers, body: randomBytes(50) });
    expectStatus(reply, 400, 416);
  });

  check('upload: the same blob pushed by eight at once is there', async () => {
    const [repository, bytes] = [fresh(), randomBytes(300_000)];
    await Promise.all(Array.from({ length: 8 }, () => pushBlob(target(), repository, bytes)));
    await expectBlob(target(), repository, bytes);
  });

  check('upload: what is pushed to one repository cannot be read in another', async () => {
    const bytes = randomBytes(100);
    await pushBlob(target(), fresh(), bytes);
    const [other] = [fresh()];
    await pushBlob(target(), other, randomBytes(10));
    expectStatus(await ask(target(), `GET /v2/${other}/blobs/${digestOf(bytes)}`), 404);
  });
}
