import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** The Debian package that brings each program, where the package has another name. */
const packages: Readonly<Record<string, string>> = {
  ab: 'apache2-utils',
  busybox: 'busybox-static',
  docker: 'docker.io',
  dockerd: 'docker.io',
  getfattr: 'attr',
  htpasswd: 'apache2-utils',
  igzip: 'isal',
  ip: 'iproute2',
  'mkfs.ext4': 'e2fsprogs',
  python3: 'python3-docker',
  setcap: 'libcap2-bin',
  setfattr: 'attr',
  setpriv: 'util-linux',
  'aarch64-linux-gnu-as': 'binutils-aarch64-linux-gnu',
  'aarch64-linux-gnu-ld': 'binutils-aarch64-linux-gnu',
};

/**
 * Demands that programs are there, and throws an error that names the Debian packages to install when they are
 * not: a test that needs a peer fails without it and never skips.
 */
export async function requireTools(names: readonly string[]): Promise<void> {
  const missing: string[] = [];
  for (const name of names) if (!(await isOnPath(name))) missing.push(name);
  if (missing.length === 0) return;
  const wanted = new Set(missing.map((name) => packages[name] ?? name));
  throw new Error(
    `${missing.join(', ')} not found; install ${wanted.size === 1 ? 'the Debian package' : 'the Debian packages'} ` +
      `${[...wanted].join(', ')} (.ci/install-packages installs all that tests need)`,
  );
}

async function isOnPath(name: string): Promise<boolean> {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      await access(join(directory, name), constants.X_OK);
      return true;
    } catch {
      continue;
    }
  }
  return false;
}
