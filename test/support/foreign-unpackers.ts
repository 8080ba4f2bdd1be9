import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import { digestHex, digestOf, type Digest } from '#oci';

/** Unpacks the layers in `archives` (base first) with umoci below `place`; answers the root directory. */
export function unpackByUmoci(archives: readonly string[], place: string): string {
  const layout = writeLayout(archives, place);
  const rootfs = join(place, 'rootfs');
  run('umoci', ['raw', 'unpack', '--image', `${layout}:x`, rootfs]);
  return rootfs;
}

/**
 * Unpacks the layers in `archives` (base first) with podman into its plain driver (vfs), in a store of its own below
 * `place`; answers the image's root directory.
 */
export function unpackByPodman(archives: readonly string[], place: string): string {
  const layout = writeLayout(archives, place);
  const store = ['--root', join(place, 'podman'), '--runroot', join(place, 'run'), '--storage-driver', 'vfs'];
  const archive = join(place, 'image.tar');
  run('tar', ['-C', layout, '-cf', archive, '.']);
  run('podman', [...store, 'load', '--quiet', '--input', archive]);
  const [id = ''] = run('podman', [...store, 'images', '--quiet', '--no-trunc']).split('\n');
  return run('podman', [...store, 'image', 'mount', id]).trim();
}

function run(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

/** An OCI layout of one image of these layers, named `x`. */
function writeLayout(archives: readonly string[], place: string): string {
  const layout = join(place, 'layout');
  fs.mkdirSync(join(layout, 'blobs', 'sha256'), { recursive: true });
  const put = (mediaType: string, bytes: Buffer): { mediaType: string; digest: Digest; size: number } => {
    const digest = digestOf(bytes);
    fs.writeFileSync(join(layout, 'blobs', 'sha256', digestHex(digest)), bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
  const layers = archives.map((path) => put('application/vnd.oci.image.layer.v1.tar', fs.readFileSync(path)));
  const config = put(
    'application/vnd.oci.image.config.v1+json',
    json({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    }),
  );
  const manifest = put(
    'application/vnd.oci.image.manifest.v1+json',
    json({ schemaVersion: 2, config, layers }),
  );
  const annotations = { 'org.opencontainers.image.ref.name': 'x' };
  fs.writeFileSync(
    join(layout, 'index.json'),
    json({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  );
  fs.writeFileSync(join(layout, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }));
  return layout;
}
