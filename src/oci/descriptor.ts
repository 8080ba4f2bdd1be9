import { isDigest, type Digest } from './digest.ts';
import { JsonCursor, sorted, withoutUndefined } from './json.ts';
import type { Platform } from './platform.ts';

/** The most URLs of one descriptor and the most features of one platform: far above any in use. */
const maxStrings = 1000;

/** What points to content: its type, its name and its size. Source: image-spec descriptor.md. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes of the content, a safe integer. */
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
  /** In an index: what the manifest runs on, as written there (not normalised). */
  readonly platform?: Platform;
  readonly artifactType?: string;
  /** Where else the content can be had. */
  readonly urls?: readonly string[];
  /** The content itself in base64, unchecked: whoever uses it compares digest and size first. */
  readonly data?: string;
}

/** The digest at `cursor`, or its error. */
export function readDigest(cursor: JsonCursor): Digest {
  const text = cursor.string();
  return isDigest(text) ? text : cursor.fail('it must be a sha256 or sha512 digest in lowercase hex');
}

function readPlatform(cursor: JsonCursor): Platform | undefined {
  const text = (name: string): string | undefined => cursor.field(name).optional((at) => at.string());
  const os = text('os') ?? '';
  const architecture = text('architecture') ?? '';
  // Some tools write an empty platform where they mean none.
  if (os === '' && architecture === '') return undefined;
  return withoutUndefined({
    os,
    architecture,
    variant: text('variant'),
    osVersion: text('os.version'),
    osFeatures: cursor.field('os.features').optional((at) => at.strings(maxStrings)),
  });
}

/** The descriptor at `cursor`, or the error of its document. */
export function readDescriptor(cursor: JsonCursor): Descriptor {
  const mediaType = cursor.field('mediaType').string();
  if (mediaType === '') cursor.field('mediaType').fail('it must not be empty');
  return withoutUndefined({
    mediaType,
    digest: readDigest(cursor.field('digest')),
    size: cursor.field('size').integer(),
    annotations: cursor.field('annotations').optional((at) => at.stringMap()),
    platform: cursor.field('platform').optional(readPlatform),
    artifactType: cursor.field('artifactType').optional((at) => at.string()),
    urls: cursor.field('urls').optional((at) => at.strings(maxStrings)),
    data: cursor.field('data').optional((at) => at.string()),
  });
}

/**
 * A parsed JSON value as a descriptor; `where` names it in errors (`index.json manifests[0]`). Unknown fields are
 * left out, null ones count as absent.
 *
 * Errors: `descriptor-invalid` (corrupt).
 */
export function parseDescriptor(value: unknown, where: string): Descriptor {
  return readDescriptor(new JsonCursor(value, where, 'descriptor-invalid'));
}

/** `descriptor` as the specification spells and orders its fields. */
export function descriptorJson(descriptor: Descriptor): Record<string, unknown> {
  const { mediaType, digest, size, urls, annotations, data, platform, artifactType } = descriptor;
  return {
    mediaType,
    digest,
    size,
    urls,
    annotations: sorted(annotations),
    data,
    platform: platform && {
      architecture: platform.architecture,
      os: platform.os,
      'os.version': platform.osVersion,
      'os.features': platform.osFeatures,
      variant: platform.variant,
    },
    artifactType,
  };
}
