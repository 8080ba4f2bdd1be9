import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { succeed } from '../support/peers.ts';

/** Debian packages on this machine's disk, for installations that have no network. */
export interface Packages {
  /** The file that lists the machine's Debian sources. */
  readonly sources: string;
  /** What a container mounts, as `--volume` wants it, so that its apt finds the packages and needs no network. */
  readonly volumes: readonly string[];
  /** Downloads these packages and what they need beyond `status`, the dpkg status of the base. */
  download(names: readonly string[], status: string): Promise<void>;
}

/** apt inside the containers: no downloads, no caches in layers, no waiting for the disk. */
const configuration = `
APT::Get::Download "false";
APT::Install-Recommends "false";
Debug::NoLocking "true";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
DPkg::Options { "--force-unsafe-io"; };
`;

/**
 * Reads the package lists of the machine's own Debian sources into `dir`. Only the machine's apt talks to the
 * network, with the machine's configuration (proxy, authorities, credentials), so nothing of it enters an image.
 */
export async function openPackages(dir: string): Promise<Packages> {
  const etc = join(dir, 'etc');
  const lists = join(dir, 'lists');
  const archives = join(dir, 'archives');
  const sources = join(etc, 'sources.list');
  for (const path of ['etc/apt.conf.d', 'lists/partial', 'archives/partial']) {
    await mkdir(join(dir, path), { recursive: true });
  }
  await writeFile(join(etc, 'apt.conf.d/real'), configuration);
  await writeFile(sources, await machineSources());

  const aptGet = (args: readonly string[]): Promise<string> =>
    succeed(
      'apt-get',
      [
        ...[
          `Dir::Etc::SourceList=${sources}`,
          'Dir::Etc::SourceParts=/dev/null',
          `Dir::State::Lists=${lists}`,
        ],
        ...[`Dir::Cache::Archives=${archives}`, 'Dir::Cache::pkgcache=', 'Dir::Cache::srcpkgcache='],
      ]
        .flatMap((option) => ['--option', option])
        .concat(args),
      { timeout: 600_000 },
    );
  await aptGet(['--quiet', 'update']);

  return {
    sources,
    volumes: [`${etc}:/etc/apt:ro`, `${lists}:/var/lib/apt/lists`, `${archives}:/var/cache/apt/archives`],
    async download(names, status) {
      const options = [
        '--option',
        `Dir::State::Status=${status}`,
        '--no-install-recommends',
        '--download-only',
      ];
      await aptGet([...options, '--quiet', '--yes', 'install', ...names]);
    },
  };
}

async function machineSources(): Promise<string> {
  const line =
    'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(REPO_URI) $(RELEASE) $(COMPONENT)';
  const text = await succeed('apt-get', [
    'indextargets',
    '--format',
    line,
    'Origin: Debian',
    'Created-By: Packages',
  ]);
  if (text !== '') return text;
  throw new Error('this machine has no package lists of Debian; run apt-get update on a Debian 12');
}
