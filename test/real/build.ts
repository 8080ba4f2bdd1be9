/**
 * Builds real images from Debian packages with tools that are not ours (mmdebstrap, buildah, docker-registry):
 *
 *     node test/real/build.ts [--dir DIR]
 *
 * It takes minutes once, and no time again until a recipe changes. It prints a line for each image.
 */
import { parseArgs } from 'node:util';
import type { RealLayer } from './catalog.ts';
import { openRealImages } from './images.ts';

const { values } = parseArgs({ options: { dir: { type: 'string' } } });
const { storage, images } = await openRealImages(values.dir);
for (const { name, tag, manifests } of images) {
  for (const { platform, layers } of manifests) {
    const sizes = `${megabytes(layers, 'size')} MB, unpacked ${megabytes(layers, 'unpackedSize')} MB`;
    console.log(`${name}:${tag} ${platform} layers: ${layers.length}, ${sizes}`);
  }
}
console.log(storage);

function megabytes(layers: readonly RealLayer[], key: 'size' | 'unpackedSize'): string {
  return (layers.reduce((sum, layer) => sum + layer[key], 0) / 1e6).toFixed(1);
}
