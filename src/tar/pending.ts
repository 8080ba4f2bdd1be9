import { carriesData, typeflags, type Draft, type TarType } from './entry.ts';
import { type Header } from './header.ts';
import { type Fault } from './limits.ts';
import { applyPax, globalKeywords, parsePax, type Pax } from './pax.ts';
import { paxSparse, type PaxSparse } from './sparse.ts';

const extended = { x: 'pax', g: 'global', L: 'name', K: 'link' } as const;

/** The kinds of extended header, which describe entries and are none. */
export type ExtendedKind = (typeof extended)[keyof typeof extended];

/** The kind of extended header that a typeflag announces, or undefined when it announces an entry. */
export function extendedKind(typeflag: string): ExtendedKind | undefined {
  return Object.hasOwn(extended, typeflag) ? extended[typeflag as keyof typeof extended] : undefined;
}

/** Extended headers on their way to the entry that they describe. */
export interface Pending {
  /** Whether there are any for the next entry. */
  readonly waiting: boolean;
  take(kind: ExtendedKind, bytes: Buffer, fault: Fault): void;
  /** Settles the entry of `header`; the sparse file when the headers describe one. */
  apply(header: Header, fault: Fault): PaxSparse | undefined;
}

export function createPending(): Pending {
  const globals = new Map<string, string>();
  let pax: Pax | undefined;
  let longName: string | undefined;
  let longLink: string | undefined;
  return {
    get waiting() {
      return pax !== undefined || longName !== undefined || longLink !== undefined;
    },
    take: (kind, bytes, fault) => {
      if (kind === 'name') longName = cString(bytes);
      else if (kind === 'link') longLink = cString(bytes);
      else if (kind === 'pax') pax = parsePax(bytes, fault);
      else {
        const { fields } = parsePax(bytes, fault);
        for (const keyword of globalKeywords) {
          const value = fields.get(keyword);
          if (value !== undefined) globals.set(keyword, value);
        }
      }
    },
    apply: ({ draft, typeflag }, fault) => {
      if (pax !== undefined || globals.size > 0) applyPax(draft, pax, globals, fault);
      // Where both are given GNU's wins, as in Go's archive/tar: what container engines unpack.
      if (longName !== undefined && longName !== '') draft.name = longName;
      if (longLink !== undefined && longLink !== '') draft.linkName = longLink;
      settleType(draft, typeflag);
      const sparse = pax !== undefined && draft.type === 'file' ? paxSparse(pax, fault) : undefined;
      if (sparse?.name !== undefined) draft.name = sparse.name;
      pax = longName = longLink = undefined;
      return sparse;
    },
  };
}

function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('latin1', 0, end === -1 ? bytes.length : end);
}

const types = new Map<string, TarType>([
  ...Object.entries(typeflags).map(([type, typeflag]): [string, TarType] => [typeflag, type as TarType]),
  // A contiguous file, and GNU's sparse one.
  ['7', 'file'],
  ['S', 'file'],
]);

function settleType(draft: Draft, typeflag: string): void {
  // v7 has one typeflag for both; a directory's name ends in a slash.
  if (typeflag === '\0') draft.type = draft.name.endsWith('/') ? 'directory' : 'file';
  else draft.type = types.get(typeflag) ?? 'unknown';
  if (draft.type === 'unknown') draft.typeflag = typeflag;
  // Their size says nothing of what follows, in the header and in pax: readers that disagree see other entries.
  if (!carriesData(draft.type)) draft.size = 0;
}
