import fs from 'node:fs';
import { getXattr, listXattrs } from '#host';
import { digestOf, shortId } from '#oci';

/**
 * A tree as lines, one a name below its root, in order: what it is, mode, owner, times, attributes, contents, and
 * which other names it is hard-linked to. overlayfs's own marks are left out, and times later than 2020, which are
 * those of the test itself. The root itself is named `.`.
 */
export function describeTree(root: string): string[] {
  const firstNames = new Map<string, string>();
  const lines: string[] = [describe(root, '.')];
  const walk = (directory: string): void => {
    for (const name of fs.readdirSync(`${root}/${directory}`, 'latin1').sort()) {
      const path = directory === '' ? name : `${directory}/${name}`;
      const bytes = Buffer.from(`${root}/${path}`, 'latin1');
      const facts = fs.lstatSync(bytes, { bigint: true });
      const inode = `${facts.dev}:${facts.ino}`;
      const first = firstNames.get(inode) ?? path;
      firstNames.set(inode, first);
      lines.push(describe(bytes, path, first));
      if (facts.isDirectory()) walk(path);
    }
  };
  walk('');
  return lines;
}

function describe(bytes: string | Buffer, path: string, first = path): string {
  const facts = fs.lstatSync(bytes, { bigint: true });
  return [
    path,
    (facts.mode & 0o177777n).toString(8),
    `${facts.uid}:${facts.gid}`,
    facts.mtimeNs > 1_577_836_800_000_000_000n ? 'now' : String(facts.mtimeNs),
    first === path ? '' : `= ${first}`,
    facts.isSymbolicLink() ? `-> ${fs.readlinkSync(bytes, 'latin1')}` : '',
    facts.isFile() ? `${facts.size} ${shortId(digestOf(fs.readFileSync(bytes)))}` : '',
    facts.isCharacterDevice() || facts.isBlockDevice() ? `device ${facts.rdev}` : '',
    ...attributes(bytes),
  ]
    .filter((word) => word !== '')
    .join(' ');
}

function attributes(path: string | Buffer): string[] {
  return listXattrs(path)
    .map((name) => [name.toString('latin1'), getXattr(path, name)?.toString('hex')] as const)
    .filter(([name]) => !name.startsWith('trusted.overlay.'))
    .map(([name, value]) => `${name}=${value}`)
    .sort();
}
