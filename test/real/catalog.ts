import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { Recipe } from './recipes.ts';

/** One layer as a manifest names it, and what it holds. */
export interface RealLayer {
  readonly mediaType: string;
  readonly digest: string;
  readonly diffId: string;
  /** Bytes, compressed and not. */
  readonly size: number;
  readonly unpackedSize: number;
}

/** One image of one platform. */
export interface RealManifest {
  readonly mediaType: string;
  readonly digest: string;
  /** `linux/amd64` */
  readonly platform: string;
  readonly config: { readonly mediaType: string; readonly digest: string; readonly size: number };
  readonly layers: readonly RealLayer[];
}

/** What one tag of the registry names. */
export interface RealImage {
  /** `real/nginx` */
  readonly name: string;
  readonly tag: string;
  /** Of the manifest, or of the index where there is one. */
  readonly mediaType: string;
  readonly digest: string;
  /** One, or one a platform. */
  readonly manifests: readonly RealManifest[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

interface Manifest {
  readonly mediaType?: string;
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
  readonly manifests?: readonly Descriptor[];
}

interface Config {
  readonly os: string;
  readonly architecture: string;
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

const accept = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Reads from the registry at `url` what it holds of these recipes, and checks each layer against its digests. */
export async function readCatalog(url: string, recipes: readonly Recipe[]): Promise<RealImage[]> {
  const known = new Map<string, RealLayer>();
  const images: RealImage[] = [];
  for (const recipe of recipes) {
    const name = `real/${recipe.name}`;
    for (const tag of Object.keys(recipe.tags)) {
      const { mediaType, digest } = described(await get(`${url}/v2/${name}/manifests/${tag}`));
      images.push({
        name,
        tag,
        mediaType,
        digest,
        manifests: await readManifests(`${url}/v2/${name}`, tag, known),
      });
    }
  }
  return images;
}

async function readManifests(
  repository: string,
  reference: string,
  known: Map<string, RealLayer>,
): Promise<RealManifest[]> {
  const response = await get(`${repository}/manifests/${reference}`);
  const { mediaType, digest } = described(response);
  const manifest = (await response.json()) as Manifest;
  if (manifest.manifests) {
    const members: RealManifest[] = [];
    for (const member of manifest.manifests)
      members.push(...(await readManifests(repository, member.digest, known)));
    return members;
  }
  const config = manifest.config!;
  const { os, architecture, rootfs } = (await (
    await get(`${repository}/blobs/${config.digest}`)
  ).json()) as Config;
  const layers: RealLayer[] = [];
  for (const [index, layer] of manifest.layers!.entries()) {
    const { unpackedSize } = known.get(layer.digest) ?? {};
    const diffId = rootfs.diff_ids[index]!;
    const read = {
      ...layer,
      diffId,
      unpackedSize:
        unpackedSize ?? (await unpack(`${repository}/blobs/${layer.digest}`, layer.digest, diffId)),
    };
    known.set(layer.digest, read);
    layers.push(read);
  }
  return [{ mediaType, digest, platform: `${os}/${architecture}`, config, layers }];
}

/** The number of bytes of a layer, uncompressed; both its forms must have their digests. */
async function unpack(url: string, digest: string, diffId: string): Promise<number> {
  const compressed = createHash('sha256');
  const unpacked = createHash('sha256');
  let size = 0;
  await pipeline(
    Readable.fromWeb((await get(url)).body!),
    async function* (chunks: AsyncIterable<Uint8Array>) {
      for await (const chunk of chunks) {
        compressed.update(chunk);
        yield chunk;
      }
    },
    createGunzip({ chunkSize: 256 * 1024 }),
    async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) {
        unpacked.update(chunk);
        size += chunk.length;
      }
    },
  );
  if (`sha256:${compressed.digest('hex')}` !== digest) throw new Error(`${url} has another digest`);
  if (`sha256:${unpacked.digest('hex')}` !== diffId) throw new Error(`${url} is not ${diffId} when unpacked`);
  return size;
}

async function get(url: string): Promise<Response> {
  const response = await fetch(url, { headers: { accept } });
  if (!response.ok) throw new Error(`GET ${url} answers ${response.status}`);
  return response;
}

function described({ headers }: Response): { mediaType: string; digest: string } {
  return { mediaType: headers.get('content-type')!, digest: headers.get('docker-content-digest')! };
}
