import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openRegistry, requireTools, succeed } from '../support/peers.ts';
import { openPackages } from './apt.ts';
import { openBuilder } from './buildah.ts';
import { readCatalog } from './catalog.ts';
import { allPackages, base, imageDirectory, recipes, type Recipe } from './recipes.ts';

/**
 * Makes all images inside `work` and returns the directory of the result: the storage of a registry and
 * images.json. Tells on standard error how long each step took. Needs root, Debian 12 and its package mirror.
 */
export async function makeImages(work: string): Promise<string> {
  await requireTools([
    'aarch64-linux-gnu-as',
    'apt-get',
    'buildah',
    'busybox',
    'gcc',
    'mmdebstrap',
    'setcap',
  ]);
  const context = join(work, 'context');
  const result = join(work, 'result');
  await cp(imageDirectory, context, { recursive: true });
  await mkdir(result);

  const packages = await timed('package lists', () => openPackages(join(work, 'apt')));
  await timed('base', () => makeBase(context, packages.sources));
  await timed('packages', async () => packages.download(await allPackages(), join(context, 'status')));
  await makeHello(context);
  await succeed('cp', ['/bin/busybox', context]);

  await using registry = await openRegistry({ dir: join(result, 'registry') });
  const builder = await openBuilder(join(work, 'buildah'), { context, volumes: packages.volumes });
  const make = (recipe: Recipe): Promise<void> =>
    timed(`real/${recipe.name}`, async () => {
      await builder.build(recipe);
      await builder.push(recipe, registry.host);
    });
  await make(base);
  // One installation keeps one processor busy, so two run at once; both end before anything is removed.
  const queue = [...recipes];
  const worker = async (): Promise<void> => {
    for (let recipe = queue.shift(); recipe; recipe = queue.shift()) await make(recipe);
  };
  for (const outcome of await Promise.allSettled([worker(), worker()])) {
    if (outcome.status === 'rejected') throw outcome.reason as Error;
  }

  const images = await timed('check', () => readCatalog(registry.url, [base, ...recipes]));
  await writeFile(join(result, 'images.json'), `${JSON.stringify(images, null, 2)}\n`);
  return result;
}

/** The root file system of the base, without the names of this machine, and the list of its packages. */
async function makeBase(context: string, sources: string): Promise<void> {
  const tar = join(context, 'base.tar');
  const hooks = [
    `copy-in ${join(context, 'policy-rc.d')} /usr/sbin`,
    ': > "$1/etc/resolv.conf"; rm -f "$1/etc/hostname"',
  ];
  const options = ['--variant=minbase', ...hooks.map((hook) => `--customize-hook=${hook}`)];
  await succeed('mmdebstrap', [...options, 'bookworm', tar, sources], {
    env: { TMPDIR: context },
    timeout: 600_000,
  });
  const status = await succeed('tar', ['--extract', '--to-stdout', '--file', tar, './var/lib/dpkg/status']);
  await writeFile(join(context, 'status'), status);
}

async function makeHello(context: string): Promise<void> {
  const path = (name: string): string => join(context, name);
  await succeed('gcc', ['-static', '-O2', '-s', '-o', path('hello-amd64'), path('hello.c')]);
  await succeed('aarch64-linux-gnu-as', ['-o', path('hello.o'), path('hello-arm64.s')]);
  await succeed('aarch64-linux-gnu-ld', ['-o', path('hello-arm64'), path('hello.o')]);
}

async function timed<T>(step: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await work();
  process.stderr.write(`${step}: ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
  return result;
}
