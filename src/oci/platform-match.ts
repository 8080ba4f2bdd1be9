import type { Descriptor } from './descriptor.ts';
import type { ImageIndex } from './manifest.ts';
import { isIndexType, isManifestType } from './media-types.ts';
import { normalisePlatform, type Platform } from './platform.ts';

/** `[architecture, variant]`; the variant is normalised, so that none is the baseline. */
type Processor = readonly [string, string | undefined];

/** v9.x of arm64 runs what v8.(x+5) runs; both run all lower minors (Arm Architecture Reference Manual). */
function arm64(variant: string | undefined): Processor[] {
  const [, major, minor = '0'] = /^v([89])(?:\.(\d))?$/.exec(variant ?? 'v8') ?? [];
  const from = (version: string, highest: number): Processor[] =>
    Array.from({ length: highest + 1 }, (_, below) => {
      const name = below === highest ? version : `${version}.${highest - below}`;
      return ['arm64', name === 'v8' ? undefined : name];
    });
  if (major === undefined) return [['arm64', variant]];
  if (major === '8') return from('v8', Number(minor));
  return [...from('v9', Number(minor)), ...from('v8', Number(minor) + 5)];
}

/** The processors whose programs `platform` runs, the best first. Agrees with containerd's platforms.Only. */
function runnable({ architecture, variant }: Platform): Processor[] {
  const version = Number(/^v(\d)$/.exec(variant ?? '')?.[1] ?? 0);
  const down = (lowest: number): Processor[] =>
    Array.from({ length: Math.max(0, version - lowest) }, (_, step) => [
      architecture,
      `v${version - 1 - step}`,
    ]);
  switch (architecture) {
    case 'amd64': {
      const lower = down(2);
      const baseline: Processor[] = variant === undefined ? [] : [['amd64', undefined]];
      return [['amd64', variant], ...lower, ...baseline, ['386', undefined]];
    }
    case 'arm':
      return [['arm', variant], ...down(5)];
    case 'arm64':
      return [...arm64(variant), ...runnable({ os: '', architecture: 'arm', variant: 'v8' })];
    default:
      return [[architecture, variant]];
  }
}

/** Windows containers need the host's build, the first three numbers; elsewhere the version is a remark. */
function sameBuild(wanted: Platform, offered: Platform): boolean {
  if (wanted.os !== 'windows' || wanted.osVersion === undefined || offered.osVersion === undefined)
    return true;
  const build = (version: string): string => version.split('.', 3).join('.');
  return build(wanted.osVersion) === build(offered.osVersion);
}

/** How well `offered` suits: 0 is best, undefined is not at all. */
function rank(wanted: Platform, offered: Platform): number | undefined {
  const want = normalisePlatform(wanted);
  const offer = normalisePlatform(offered);
  if (want.os !== offer.os || !sameBuild(want, offer)) return undefined;
  const processors = runnable(want);
  const at = processors.findIndex(
    ([architecture, variant]) => architecture === offer.architecture && variant === offer.variant,
  );
  if (at >= 0) return at;
  // An image for "arm" that names no variant may be for any: Docker takes it, after those that say so.
  const unnamed = offered.variant === undefined || offered.variant === '';
  return unnamed && want.architecture === offer.architecture ? processors.length : undefined;
}

/**
 * Whether an image for `offered` runs where `wanted` is asked for: the same, a lower variant of the processor, or
 * its 32-bit ancestor (386 on amd64, arm on arm64), as Docker and containerd decide it. `osFeatures` is not
 * compared.
 */
export function matchesPlatform(wanted: Platform, offered: Platform): boolean {
  return rank(wanted, offered) !== undefined;
}

/** Attestations, signatures and other companions of an image stand in its index too. */
function isImage({ mediaType, annotations, artifactType, platform }: Descriptor): boolean {
  return (
    (isManifestType(mediaType) || isIndexType(mediaType)) &&
    (artifactType === undefined || platform !== undefined) &&
    annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest'
  );
}

/**
 * The entry of `index` to run on `wanted`: the best match, the first of equals; failing that, the first image that
 * names no platform (Docker takes it so); else undefined. It may be an index again.
 */
export function selectManifest(index: ImageIndex, wanted: Platform): Descriptor | undefined {
  let best: Descriptor | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const descriptor of index.manifests.filter(isImage)) {
    const found = descriptor.platform ? rank(wanted, descriptor.platform) : Number.MAX_SAFE_INTEGER;
    if (found === undefined || found >= bestRank) continue;
    best = descriptor;
    bestRank = found;
  }
  return best;
}
