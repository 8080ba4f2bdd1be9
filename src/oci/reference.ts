import { GantryError } from '#errors';
import { digestFault, parseDigest, type Digest } from './digest.ts';
import { withoutUndefined } from './json.ts';

/**
 * The name of an image in canonical parts: `busybox` has the domain `docker.io` and the path `library/busybox`.
 * Made by `parseReference`; the source of grammar, normalisation and messages is distribution/reference.
 */
export interface Reference {
  /** Host with optional port: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly domain: string;
  /** The repository within the registry, at most 255 characters. */
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

const hubDomain = 'docker.io';
/** The hub's name of old, which still stands in configurations. */
const hubLegacyDomain = 'index.docker.io';
const officialPrefix = 'library/';
const maxPathLength = 255;

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const host = String.raw`(?:${label}(?:\.${label})*|\[[a-fA-F0-9:]+\])`;
const pathComponent = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const tagPattern = String.raw`\w[\w.-]{0,127}`;
const digestPattern = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';

const tagGrammar = new RegExp(`^${tagPattern}$`);
const grammar = new RegExp(
  `^(?<domain>${host}(?::[0-9]+)?)/(?<path>${pathComponent}(?:/${pathComponent})*)` +
    `(?::(?<tag>${tagPattern}))?(?:@(?<digest>${digestPattern}))?$`,
);
const identifier = /^[a-f0-9]{64}$/;

function invalid(message: string): GantryError {
  return new GantryError('invalid-argument', 'reference-invalid', message);
}

/** Domain and rest of a name as people write it; both are still unchecked. */
function splitDomain(text: string): [domain: string, rest: string] {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  // A first component that cannot be a repository's is a host.
  const isHost = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  const [domain, rest] = isHost ? [first, text.slice(slash + 1)] : [hubDomain, text];
  if (domain !== hubDomain && domain !== hubLegacyDomain) return [domain, rest];
  return [hubDomain, rest.includes('/') ? rest : officialPrefix + rest];
}

/**
 * A reference as people write it (`busybox`, `localhost:5000/a/b:1@sha256:…`) or in canonical form. No tag is
 * added: see `withDefaultTag`.
 *
 * Errors: `reference-invalid` (invalid-argument), worded as Docker does; also for 64 hex digits, which are an ID.
 */
export function parseReference(text: string): Reference {
  if (identifier.test(text)) {
    throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  }
  const [domainPart, rest] = splitDomain(text);
  const [name = ''] = rest.split(':', 1);
  if (name !== name.toLowerCase()) {
    throw invalid(`invalid reference format: repository name (${name}) must be lowercase`);
  }
  const parts = grammar.exec(`${domainPart}/${rest}`)?.groups;
  if (parts === undefined) throw invalid('invalid reference format');
  const { domain = '', path = '', tag, digest } = parts;
  if (path.length > maxPathLength) {
    throw invalid(`repository name must not be more than ${maxPathLength} characters`);
  }
  const fault = digest === undefined ? undefined : digestFault(digest);
  if (fault !== undefined) throw invalid(fault);
  return withoutUndefined({
    domain,
    path,
    tag,
    digest: digest === undefined ? undefined : parseDigest(digest),
  });
}

/**
 * `text` if it can be a tag: a word character, then up to 127 word characters, dots and dashes.
 *
 * Errors: `reference-invalid` (invalid-argument).
 */
export function parseTag(text: string): string {
  if (!tagGrammar.test(text)) throw invalid('invalid tag format');
  return text;
}

/** `reference` with this tag; a digest stays. Errors: `reference-invalid` (invalid-argument). */
export function withTag(reference: Reference, tag: string): Reference {
  return { ...reference, tag: parseTag(tag) };
}

/** `reference` with this digest; a tag stays. */
export function withDigest(reference: Reference, digest: Digest): Reference {
  return { ...reference, digest };
}

/** `reference`, tagged `latest` when it has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  const named = reference.tag !== undefined || reference.digest !== undefined;
  return named ? reference : { ...reference, tag: 'latest' };
}

function withSuffix(name: string, { tag, digest }: Reference): string {
  return name + (tag === undefined ? '' : `:${tag}`) + (digest === undefined ? '' : `@${digest}`);
}

/** Domain and path: `docker.io/library/busybox`. */
export function canonicalName({ domain, path }: Reference): string {
  return `${domain}/${path}`;
}

/** The canonical name with tag and digest: `docker.io/library/busybox:1`. */
export function canonicalString(reference: Reference): string {
  return withSuffix(canonicalName(reference), reference);
}

/**
 * The name as Docker shows it: `busybox`, `127.0.0.1:5000/t/bb`. It always reads back as the same name: a path on
 * the hub that would be taken for another host, or for an ID, keeps its domain.
 */
export function familiarName(reference: Reference): string {
  const { domain, path } = reference;
  const full = canonicalName(reference);
  if (domain !== hubDomain) return full;
  const name = path.slice(officialPrefix.length);
  const short = path.startsWith(officialPrefix) && !name.includes('/') ? name : path;
  return !identifier.test(short) && splitDomain(short).join('/') === full ? short : full;
}

/** The familiar name with tag and digest: `busybox:1@sha256:…`. */
export function familiarString(reference: Reference): string {
  return withSuffix(familiarName(reference), reference);
}
