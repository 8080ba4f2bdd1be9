import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { acceptManifests, digestOf, mediaTypes, type Descriptor, type Digest } from '#oci';

/** The registry that is examined. */
export interface Target {
  /** `http://host:port`. */
  readonly url: string;
  readonly credentials?: { readonly user: string; readonly password: string };
}

/** A whole answer. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

export interface Ask {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
}

/** A manifest and its bytes. */
export interface Made {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: Digest;
}

/** A repository of its own for one case. */
export function fresh(): string {
  return `conformance/r${randomBytes(6).toString('hex')}`;
}

/** Some registries give a manifest only to who names its type. */
const accept = [...acceptManifests, '*/*'].join(', ');

/** Sends one request. `path` is a path or whatever a Location said. */
export async function ask(
  { url, credentials }: Target,
  line: string,
  { headers, body }: Ask = {},
): Promise<Reply> {
  const [method = '', path = ''] = line.split(' ');
  const authorization =
    credentials && `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
  const response = await fetch(new URL(path, url), {
    method,
    redirect: 'manual',
    headers: { accept, ...(authorization && { authorization }), ...headers },
    ...(body !== undefined && { body: body as RequestInit['body'] & object, duplex: 'half' }),
  });
  const answered = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, body: answered };
}

/** `assert.equal` of a status that tells the body when it differs. */
export function expectStatus(reply: Reply, ...statuses: number[]): Reply {
  assert.ok(
    statuses.includes(reply.status),
    `status ${reply.status} instead of ${statuses.join(' or ')}: ${reply.body.subarray(0, 300).toString()}`,
  );
  return reply;
}

/** An answer that is one of the specification's errors. */
export function expectError(reply: Reply, status: number, ...codes: string[]): void {
  expectStatus(reply, status);
  const { errors } = JSON.parse(reply.body.toString()) as { errors: { code: string; message: string }[] };
  assert.ok(codes.includes(errors[0]?.code ?? ''), errors[0]?.code);
}

/** Where an answer says to go on. */
export function locationOf(reply: Reply): string {
  const location = reply.headers.get('location');
  assert.ok(location, 'a Location');
  return location;
}

/** A Location with a digest in its query. */
export function withDigest(location: string, digest: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
}

/** Begins an upload and tells where. */
export async function begin(target: Target, repository: string): Promise<string> {
  return locationOf(expectStatus(await ask(target, `POST /v2/${repository}/blobs/uploads/`), 202));
}

export async function pushBlob(
  target: Target,
  repository: string,
  bytes: Uint8Array,
  digest: Digest = digestOf(bytes),
): Promise<Reply> {
  const location = await begin(target, repository);
  const headers = { 'content-type': 'application/octet-stream' };
  return expectStatus(
    await ask(target, `PUT ${withDigest(location, digest)}`, { headers, body: bytes }),
    201,
  );
}

export function descriptorOf(bytes: Uint8Array, mediaType: string, digest = digestOf(bytes)): Descriptor {
  return { mediaType, digest, size: bytes.length };
}

export const config = Buffer.from(
  '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}',
);

/** An image of these layers; `extra` is added to it, known to anyone or not. */
export function imageOf(layers: readonly Uint8Array[], extra: Record<string, unknown> = {}): Made {
  return made({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptorOf(config, mediaTypes.ociConfig),
    layers: layers.map((layer) => descriptorOf(layer, mediaTypes.ociLayerGzip)),
    ...extra,
  });
}

/** An index of these manifests. */
export function indexOf(manifests: readonly Made[], extra: Record<string, unknown> = {}): Made {
  return made({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: manifests.map(({ bytes, mediaType, digest }) => descriptorOf(bytes, mediaType, digest)),
    ...extra,
  });
}

function made(document: { mediaType: string; [field: string]: unknown }): Made {
  const bytes = Buffer.from(JSON.stringify(document));
  return { bytes, mediaType: document.mediaType, digest: digestOf(bytes) };
}

export function putManifest(
  target: Target,
  repository: string,
  reference: string,
  { bytes, mediaType }: Made,
): Promise<Reply> {
  return ask(target, `PUT /v2/${repository}/manifests/${reference}`, {
    headers: { 'content-type': mediaType },
    body: bytes,
  });
}

/** Pushes an image with all its parts and answers it. */
export async function pushImage(
  target: Target,
  repository: string,
  {
    tags = ['v1'],
    layers = [randomBytes(100)],
    extra,
  }: { tags?: string[]; layers?: Uint8Array[]; extra?: Record<string, unknown> } = {},
): Promise<Made & { layers: readonly Uint8Array[] }> {
  for (const blob of [config, ...layers]) await pushBlob(target, repository, blob);
  const image = imageOf(layers, extra);
  for (const tag of tags) expectStatus(await putManifest(target, repository, tag, image), 201);
  return { ...image, layers };
}

/** A manifest is there under a reference, byte for byte, for GET and HEAD. */
export async function expectManifest(
  target: Target,
  repository: string,
  reference: string,
  expected: Made,
): Promise<void> {
  const path = `/v2/${repository}/manifests/${reference}`;
  const headers = { accept: expected.mediaType };
  const got = expectStatus(await ask(target, `GET ${path}`, { headers }), 200);
  assert.ok(got.body.equals(expected.bytes), 'the same bytes');
  const head = expectStatus(await ask(target, `HEAD ${path}`, { headers }), 200);
  for (const { headers: told } of [got, head]) {
    assert.equal(told.get('content-type'), expected.mediaType);
    assert.equal(told.get('content-length'), String(expected.bytes.length));
    const digest = reference.includes(':') ? reference : expected.digest;
    assert.equal(told.get('docker-content-digest'), digest);
  }
}

/** A blob is there, byte for byte, for GET and HEAD. */
export async function expectBlob(
  target: Target,
  repository: string,
  bytes: Uint8Array,
  digest: Digest = digestOf(bytes),
): Promise<void> {
  const path = `/v2/${repository}/blobs/${digest}`;
  const got = expectStatus(await ask(target, `GET ${path}`), 200);
  assert.ok(got.body.equals(bytes), 'the same bytes');
  const head = expectStatus(await ask(target, `HEAD ${path}`), 200);
  assert.equal(head.headers.get('content-length'), String(bytes.length));
  assert.equal(head.headers.get('docker-content-digest'), digest);
}

export interface ReferrersIndex {
  readonly mediaType: string;
  readonly manifests: readonly (Descriptor & { artifactType?: string })[];
}

/** The referrers of a digest. */
export async function referrersOf(
  target: Target,
  repository: string,
  digest: string,
  query = '',
): Promise<Reply & { index: ReferrersIndex }> {
  const reply = expectStatus(await ask(target, `GET /v2/${repository}/referrers/${digest}${query}`), 200);
  assert.equal(reply.headers.get('content-type'), mediaTypes.ociIndex);
  return { ...reply, index: JSON.parse(reply.body.toString()) as ReferrersIndex };
}

/** The tags of one page. */
export async function tagsOf(
  target: Target,
  repository: string,
  query = '',
): Promise<Reply & { tags: string[] }> {
  const reply = expectStatus(await ask(target, `GET /v2/${repository}/tags/list${query}`), 200);
  // Null is how Go writes an empty list.
  const { tags } = JSON.parse(reply.body.toString()) as { tags: string[] | null };
  return { ...reply, tags: tags ?? [] };
}

/** Declares one case. */
export type Check = (name: string, body: () => Promise<void>) => void;
