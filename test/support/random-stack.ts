import fc from 'fast-check';
import type { EntryWords } from './tar-entries.ts';

/** The entries of each layer, base first. */
export type Stack = readonly (readonly EntryWords[])[];

const name = fc.constantFrom('a', 'b');
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const owner = fc.constantFrom(0, 0, 0, 1, 1000, 70_000);
const metadata = {
  mode: fc.constantFrom(0o700, 0o755, 0o755, 0o1777, 0o2750, 0o4711, 0),
  uid: owner,
  gid: owner,
  mtime: fc.integer({ min: 1, max: 9 }),
  nanoseconds: fc.constantFrom(0, 0, 1, 999_999_999),
};
const fileXattrs = fc.constantFrom(
  {},
  {},
  {},
  { 'user.a': 'x' },
  { 'trusted.t': '\0\xff' },
  { 'security.capability': '\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0' },
);
const directoryXattrs = fc.constantFrom({}, {}, {}, { 'user.d': 'y' }, { 'user.d': '', 'trusted.t': 'z' });
const content = fc.oneof(
  fc.constantFrom('', 'x', 'yy'),
  fc.integer({ min: 500, max: 5000 }).map((n) => 'z'.repeat(n)),
);

const directory = fc.record({
  name: path.map((text) => `${text}/`),
  xattrs: directoryXattrs,
  ...metadata,
});
const file = fc.record({ name: path, content, xattrs: fileXattrs, ...metadata });
const symlink = fc.record({
  name: path,
  type: fc.constant('symlink' as const),
  linkName: fc.oneof(
    path,
    path.map((text) => `/${text}`),
    path.map((text) => `../${text}`),
  ),
  uid: owner,
  gid: owner,
  mtime: metadata.mtime,
  nanoseconds: metadata.nanoseconds,
});
const hardlink = fc.record({ name: path, type: fc.constant('hardlink' as const), linkName: path });
const node = fc.record({
  name: path,
  type: fc.constantFrom('character-device', 'block-device', 'fifo'),
  deviceMajor: fc.constantFrom(1, 259),
  deviceMinor: fc.constantFrom(3, 70_000),
  ...metadata,
});
const root = fc.record({ name: fc.constantFrom('./', '/'), xattrs: directoryXattrs, ...metadata });
const whiteout = path.map((text) => ({ name: text.replace(/[^/]+$/, (base) => `.wh.${base}`) }));
const opaque = path.map((text) => ({ name: `${text}/.wh..wh..opq` }));

const entry: fc.Arbitrary<EntryWords> = fc.oneof(
  { weight: 8, arbitrary: directory },
  { weight: 6, arbitrary: file },
  { weight: 2, arbitrary: symlink },
  { weight: 2, arbitrary: hardlink },
  { weight: 1, arbitrary: node },
  { weight: 1, arbitrary: root },
  { weight: 4, arbitrary: whiteout },
  { weight: 2, arbitrary: opaque },
);

const anyStack: fc.Arbitrary<Stack> = fc.array(fc.array(entry, { maxLength: 8 }), {
  minLength: 2,
  maxLength: 4,
});

/**
 * Stacks of small layers, full of collisions: few names, all types, in any order. Most are without the entries that
 * end an unpacking: links to nothing, and things within what is no directory.
 */
export const randomStack: fc.Arbitrary<Stack> = fc.oneof(
  { weight: 9, arbitrary: anyStack.map(withoutImpossible) },
  { weight: 1, arbitrary: anyStack },
);

/** What a layer before, or this one, has made of a name: a link's target, or a type. */
type Model = Map<string, string>;

function withoutImpossible(layers: Stack): Stack {
  const model: Model = new Map();
  return layers.map((entries) => entries.filter((each) => applyTo(model, each)));
}

/** Notes the entry in the model, and says whether it can be unpacked. Hidden things count as still there. */
function applyTo(model: Model, { name: raw, type = 'file', linkName = '' }: EntryWords): boolean {
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.');
  const parents = parts.slice(0, -1).map((_, depth) => parts.slice(0, depth + 1).join('/'));
  const stands = (text: string): string => {
    const found = model.get(text) ?? 'directory';
    return found.startsWith('->') ? (model.get(found.slice(2)) ?? 'missing') : found;
  };
  if (parents.some((parent) => stands(parent) !== 'directory')) return false;
  const base = parts.at(-1) ?? '';
  if (base.startsWith('.wh.') || base === '') return true;
  if (type === 'hardlink' && !['file', 'fifo'].includes(model.get(linkName) ?? '')) return false;
  for (const parent of parents) if (!model.has(parent)) model.set(parent, 'directory');
  const kind = raw.endsWith('/') ? 'directory' : type === 'hardlink' ? 'file' : type;
  model.set(parts.join('/'), type === 'symlink' ? `->${linkName.replace(/^(\.\.)?\//, '')}` : kind);
  return true;
}

/**
 * The stack without what other tools read in ways of their own: attributes with an empty value, which Go's tar reader
 * takes for absent, those of `trusted`, and directories whose group goes over to what is made in them.
 */
export function withCommonWords(layers: Stack): Stack {
  return layers.map((entries) =>
    entries.map(({ xattrs = {}, mode, ...rest }) => ({
      ...rest,
      ...(mode !== undefined && { mode: rest.name.endsWith('/') ? mode & ~0o2000 : mode }),
      xattrs: Object.fromEntries(
        Object.entries(xattrs).filter(([name, value]) => value !== '' && !name.startsWith('trusted.')),
      ),
    })),
  );
}

/**
 * The stack as tools write it: one entry at most for a name in each layer, marks only in directories
 * entered before, opaque ones ahead of what is in them,
 * and hard links that say of the file what its own entry says.
 */
export function orderly(layers: Stack): Stack {
  const files = new Map<string, EntryWords>();
  return layers.map((entries) => {
    const entered = new Set<string>();
    const seen = new Set<string>();
    return entries.flatMap((entry): EntryWords[] => {
      const { name, type, linkName = '' } = entry;
      const plain = name.replace(/\.wh\.(?!\.)/, '').replace(/^\.?\/+|\/+$/g, '');
      const above = plain.split('/').map((_, depth, parts) => parts.slice(0, depth).join('/'));
      const parent = above.at(-1) ?? '';
      const isLate =
        plain.endsWith('.wh..wh..opq') && [...seen].some((each) => each.startsWith(`${parent}/`));
      const isMisplaced = isLate || (name.includes('.wh.') && parent !== '' && !entered.has(parent));
      const file = type === 'hardlink' ? files.get(linkName) : entry;
      if (seen.has(plain) || isMisplaced || file === undefined) return [];
      if (name.endsWith('/')) entered.add(plain);
      else files.set(plain, file);
      for (const each of [plain, ...above]) seen.add(each);
      const { content: _, ...metadata } = file;
      return [type === 'hardlink' ? { ...metadata, name, type, linkName } : entry];
    });
  });
}
