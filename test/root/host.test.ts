/** Needs root: mounts, device nodes and trusted attributes. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findError } from '#errors';
import {
  getXattr,
  listMounts,
  listXattrs,
  makeNode,
  mountOverlay,
  removeXattr,
  setXattr,
  unmount,
} from '#host';
// The way of older kernels is not taken on this one: it is tested by its own door.
import { mountByPage } from '../../src/host/overlay.ts';

const directory = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'gantry host\\:,-')));
after(async () => {
  for (const mounted of await listMounts(directory)) await unmount(mounted);
  fs.rmSync(directory, { recursive: true });
});

function fresh(name: string): string {
  const path = join(directory, name);
  fs.mkdirSync(path, { recursive: true });
  return path;
}

function lowers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const path = fresh(`layers with a long name to fill the page, and \\ : in it/${index}`);
    fs.writeFileSync(join(path, `only-${index}`), '');
    fs.writeFileSync(join(path, 'top'), String(index));
    return path;
  });
}

for (const [name, mount] of [
  ['one option a layer', mountOverlay],
  ['one page for all', mountByPage],
] as const) {
  test(`130 layers are stacked, the first on top (${name})`, async () => {
    const target = fresh(`target ${name}`);
    mount({ lower: lowers(130), target });
    assert.deepEqual(await listMounts(target), [target]);
    assert.equal(fs.readFileSync(join(target, 'top'), 'utf8'), '0');
    assert.equal(fs.readdirSync(target).length, 131);
    assert.throws(() => {
      fs.writeFileSync(join(target, 'x'), '');
    }, /EROFS/);
    await unmount(target);
    assert.deepEqual(await listMounts(target), []);
    await unmount(target);
  });

  test(`changes go to the upper directory as whole files and whiteouts (${name})`, async () => {
    const [target, upper, work] = ['t', 'u \\ : ,', 'w'].map((part) => fresh(`${name}/${part}`)) as [
      string,
      string,
      string,
    ];
    mount({ lower: lowers(1), upper: { directory: upper, work }, target });
    fs.rmSync(join(target, 'only-0'));
    fs.chmodSync(join(target, 'top'), 0o600);
    await unmount(target);
    const gone = fs.lstatSync(join(upper, 'only-0'));
    assert.ok(gone.isCharacterDevice() && gone.rdev === 0);
    assert.equal(fs.readFileSync(join(upper, 'top'), 'utf8'), '0');
    assert.equal(getXattr(join(upper, 'top'), 'trusted.overlay.metacopy'), undefined);
  });
}

test('500 layers are stacked where the kernel can', async () => {
  const target = fresh('500');
  mountOverlay({ lower: lowers(500), target });
  assert.equal(fs.readdirSync(target).length, 501);
  await unmount(target);
});

test('a mount in use leaves the tree', async () => {
  const target = fresh('busy');
  mountOverlay({ lower: lowers(2), target });
  const fd = fs.openSync(join(target, 'top'), 'r');
  await unmount(target);
  assert.deepEqual(fs.readdirSync(target), []);
  fs.closeSync(fd);
});

test('what cannot be stacked is reported', () => {
  const target = fresh('refused');
  const isKind = (kind: 'not-found' | 'unsupported') => (error: unknown) =>
    findError(error, { kind }) !== undefined;
  assert.throws(() => {
    mountOverlay({ lower: [join(directory, 'nowhere'), target], target });
  }, isKind('not-found'));
  assert.throws(() => {
    mountOverlay({ lower: ['/proc', '/sys'], target, upper: { directory: '/proc', work: '/sys' } });
  }, isKind('unsupported'));
  assert.throws(() => {
    mountByPage({ lower: lowers(300), target });
  }, isKind('unsupported'));
});

test('device numbers survive beyond 8 bits', () => {
  for (const [major, minor] of [
    [1, 3],
    [0, 0],
    [259, 65537],
    [4095, 0xfffff],
  ] as const) {
    const path = join(directory, `device-${major}-${minor}`);
    makeNode(path, 'block-device', { mode: 0o640, device: { major, minor } });
    // The kernel hands the number out as stat(1) prints it: major and minor apart.
    const { rdev } = fs.lstatSync(path, { bigint: true });
    assert.equal(Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & 0xfffff000n)), major);
    assert.equal(Number((rdev & 0xffn) | ((rdev >> 12n) & 0xffffff00n)), minor);
  }
});

test('attributes are set, listed and removed, on a symlink itself too', () => {
  const link = join(directory, 'link');
  fs.symlinkSync('nowhere', link);
  const value = Buffer.from([0, 1, 255, 0]);
  setXattr(link, 'trusted.gantry', value);
  setXattr(Buffer.from(link), Buffer.from('trusted.empty'), new Uint8Array(0));
  assert.deepEqual(getXattr(link, 'trusted.gantry'), value);
  assert.deepEqual(getXattr(link, 'trusted.empty'), Buffer.alloc(0));
  assert.deepEqual(listXattrs(link).map(String).sort(), ['trusted.empty', 'trusted.gantry']);
  removeXattr(link, 'trusted.gantry');
  assert.equal(getXattr(link, 'trusted.gantry'), undefined);
  assert.deepEqual(listXattrs(directory), []);
});
