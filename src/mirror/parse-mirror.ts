import { GantryError } from '#errors';
import type { MirrorBounds } from './evict.ts';
import { parseUpstreams } from './parse-upstreams.ts';
import type { Upstream } from './upstream.ts';

/** What a mirror is told, as far as it can be written down. */
export interface MirrorSettings {
  readonly upstreams: readonly Upstream[];
  /** The domain that clients leave out: see `routeOf`. */
  readonly bare: string | undefined;
  readonly bounds: MirrorBounds;
}

/** A disk fills unseen: without a word, a mirror takes 100 GiB at most and keeps what is used within a month. */
const defaultBytes = 100 * 1024 ** 3;
const defaultUnused = 30 * 24 * 60 * 60;

/**
 * The settings of a mirror: `upstreams` (see `parseUpstreams`), `bare` (`docker.io` when it is among them; null for
 * none), `maxBytes`, and `unused`, the seconds after which what nobody asks for goes.
 *
 * @throws invalid-argument `config-invalid`
 */
export function parseMirrorSettings(document: unknown): MirrorSettings {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw invalid('the settings of a mirror', 'must be an object with "upstreams"');
  }
  const {
    upstreams: table,
    bare,
    maxBytes = defaultBytes,
    unused = defaultUnused,
    ...others
  } = document as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalid(unknown, 'is no setting of a mirror');
  const upstreams = parseUpstreams(table);
  const domains = upstreams.map(({ domain }) => domain);
  return {
    upstreams,
    bare: bareOf(bare, domains),
    bounds: { bytes: amount(maxBytes, 'maxBytes'), unused: amount(unused, 'unused') * 1000 },
  };
}

function bareOf(bare: unknown, domains: readonly string[]): string | undefined {
  if (bare === null) return undefined;
  if (bare === undefined) return domains.find((domain) => domain === 'docker.io');
  if (typeof bare === 'string' && domains.includes(bare)) return bare;
  throw invalid('bare', 'must be the domain of one of the upstreams, or null');
}

function amount(value: unknown, at: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(at, 'must be a whole number from 0 on');
}

function invalid(at: string, what: string): GantryError {
  return new GantryError('invalid-argument', 'config-invalid', `${at} ${what}`, { subject: { setting: at } });
}
