import { GantryError } from '#errors';
import { quote, withoutUndefined } from './json.ts';

/** What an image runs on. Source: image-spec image-index.md, `platform`; the values are Go's GOOS and GOARCH. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** Of the processor: `v7` of arm, `v3` of amd64. */
  readonly variant?: string;
  readonly osVersion?: string;
  readonly osFeatures?: readonly string[];
}

// Go's lists of ports (internal/syslist), by which a single word is told to be one or the other.
const systems = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris windows zos'.split(
    ' ',
  ),
);
const architectures = new Set(
  (
    '386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 mips64p32le ' +
    'ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm'
  ).split(' '),
);

function normaliseArchitecture(
  architecture: string,
  variant: string | undefined,
): [string, string | undefined] {
  switch (architecture) {
    case 'i386':
      return ['386', undefined];
    case 'amd64':
    case 'x86_64':
    case 'x86-64':
      return ['amd64', variant === 'v1' ? undefined : variant];
    case 'arm64':
    case 'aarch64':
      return ['arm64', variant === '8' || variant === 'v8' ? undefined : variant];
    case 'armhf':
      return ['arm', 'v7'];
    case 'armel':
      return ['arm', 'v6'];
    case 'arm':
      return ['arm', variant === undefined ? 'v7' : variant.replace(/^[5-8]$/, 'v$&')];
    default:
      return [architecture, variant];
  }
}

/**
 * The one spelling of a platform: Go's names in lowercase, `arm` always with a variant, the baseline variants
 * (`v8` of arm64, `v1` of amd64) left out. Agrees with containerd's platforms.Normalize.
 */
export function normalisePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase();
  const given = platform.variant?.toLowerCase();
  const [architecture, variant] = normaliseArchitecture(
    platform.architecture.toLowerCase(),
    given === '' ? undefined : given,
  );
  return withoutUndefined({
    os: os === 'macos' ? 'darwin' : os,
    architecture,
    variant,
    osVersion: platform.osVersion === '' ? undefined : platform.osVersion,
    osFeatures: platform.osFeatures && [...new Set(platform.osFeatures)].sort(),
  });
}

const component = /^[A-Za-z0-9_.-]+$/;
const osComponent = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.-]*)\))?$/;

function invalid(message: string): GantryError {
  // Docker's clients show the suffix; it is the text of containerd's error class.
  return new GantryError('invalid-argument', 'platform-invalid', `${message}: invalid argument`);
}

/**
 * `os[(version)][/architecture[/variant]]` or a single word that is either, normalised: `linux/arm64/v8` is
 * `linux/arm64`. What a single word leaves open comes from `host`; without a host the system is linux, and the
 * architecture must be named.
 *
 * Errors: `platform-invalid` (invalid-argument), worded as Docker does.
 */
export function parsePlatform(text: string, host?: Platform): Platform {
  const quoted = quote(text);
  if (text.includes('*')) throw invalid(`${quoted}: wildcards not yet supported`);
  const [first = '', ...rest] = text.split('/');
  const [, os = '', osVersion] = osComponent.exec(first) ?? [];
  if (os === '') {
    throw invalid(
      `${quote(first)} is an invalid OS component of ${quoted}: ` +
        `OSAndVersion specifier component must match ${quote(osComponent.source)}`,
    );
  }
  for (const part of rest.filter((value) => !component.test(value))) {
    throw invalid(
      `${quote(part)} is an invalid component of ${quoted}: ` +
        `platform specifier component must match ${quote(component.source)}`,
    );
  }
  if (rest.length > 2) throw invalid(`${quoted}: cannot parse platform specifier`);
  if (rest[0] !== undefined) {
    const [architecture, variant] = rest;
    return normalisePlatform(withoutUndefined({ os, architecture, variant, osVersion }));
  }
  if (systems.has(normalisePlatform({ os, architecture: '' }).os)) {
    if (host === undefined) throw invalid(`${quoted}: the architecture is missing, as in ${os}/amd64`);
    const { architecture, variant } = host;
    return normalisePlatform(withoutUndefined({ os, architecture, variant, osVersion }));
  }
  const asArchitecture = normalisePlatform({ os: host?.os ?? 'linux', architecture: first });
  if (architectures.has(asArchitecture.architecture)) return asArchitecture;
  throw invalid(`${quoted}: unknown operating system or architecture`);
}

/** `os/architecture[/variant]`, or `unknown` where the system is not known. */
export function formatPlatform({ os, architecture, variant }: Platform): string {
  if (os === '') return 'unknown';
  return [os, architecture, variant].filter((part) => part !== undefined && part !== '').join('/');
}

const nodeSystems: Readonly<Record<string, string>> = { win32: 'windows', sunos: 'solaris' };
const nodeArchitectures: Readonly<Record<string, string>> = {
  x64: 'amd64',
  ia32: '386',
  // Node runs on little-endian POWER only, but for AIX.
  ppc64: 'ppc64le',
  mipsel: 'mipsle',
};

/** What Node calls a platform and an architecture (`process.platform`, `process.arch`) in the words of images. */
export function nodePlatform(platform: string, architecture: string): Platform {
  const big = platform === 'aix' && architecture === 'ppc64';
  return normalisePlatform({
    os: nodeSystems[platform] ?? platform,
    architecture: big ? architecture : (nodeArchitectures[architecture] ?? architecture),
  });
}
