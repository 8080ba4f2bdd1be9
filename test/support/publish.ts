import assert from 'node:assert/strict';
import { encodeManifest, mediaTypes, type Descriptor } from '#oci';
import type { RandomImage } from './random-image.ts';

/** Puts an image into a registry that lets everybody write, with nothing but HTTP. */
export async function publish(
  url: string,
  repository: string,
  tag: string,
  image: RandomImage,
): Promise<void> {
  const { config, layers } = image.descriptors;
  await putBlob(url, repository, config, image.config);
  for (const [index, layer] of layers.entries()) await putBlob(url, repository, layer, image.layers[index]!);
  await putManifest(url, repository, tag, image.manifest, mediaTypes.ociManifest);
}

/** Puts an index of images, and the images, into a registry. Answers the index's bytes. */
export async function publishIndex(
  url: string,
  repository: string,
  tag: string,
  images: readonly RandomImage[],
): Promise<Uint8Array> {
  for (const image of images) await publish(url, repository, image.descriptors.manifest.digest, image);
  const manifests = images.map(({ descriptors }) => descriptors.manifest);
  const bytes = encodeManifest({ kind: 'index', mediaType: mediaTypes.ociIndex, manifests });
  await putManifest(url, repository, tag, bytes, mediaTypes.ociIndex);
  return bytes;
}

async function putBlob(
  url: string,
  repository: string,
  { digest }: Descriptor,
  bytes: Uint8Array,
): Promise<void> {
  const session = await fetch(`${url}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  assert.equal(session.status, 202);
  const target = new URL(session.headers.get('location') ?? '', url);
  target.searchParams.set('digest', digest);
  const answer = await fetch(target, {
    method: 'PUT',
    body: Buffer.from(bytes),
    headers: { 'content-type': 'application/octet-stream' },
  });
  assert.equal(answer.status, 201);
}

async function putManifest(
  url: string,
  repository: string,
  reference: string,
  bytes: Uint8Array,
  mediaType: string,
): Promise<void> {
  const answer = await fetch(`${url}/v2/${repository}/manifests/${reference}`, {
    method: 'PUT',
    body: Buffer.from(bytes),
    headers: { 'content-type': mediaType },
  });
  assert.equal(answer.status, 201, await answer.text());
}
