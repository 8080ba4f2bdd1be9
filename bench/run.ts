/**
 * Measures Gantry beside podman, dockerd and skopeo on a real image. `npm run bench` holds all contests,
 * `npm run bench -- pull load` some, `--runs 3` fewer rounds, `--image real/nginx:1` another image. Needs root.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openRealImages } from '../test/real/images.ts';
import { openDockerd, openRegistry, requireTools, temporaryDirectory } from '../test/support/peers.ts';
import { hold, report } from './contest.ts';
import { contests } from './contests.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '5' },
    image: { type: 'string', default: 'real/gcc:12' },
  },
});
const wanted = positionals.length > 0 ? positionals : Object.keys(contests);
const unknown = wanted.filter((name) => !Object.hasOwn(contests, name));
if (unknown.length > 0) {
  console.error(`no such contest: ${unknown.join(', ')}; there are ${Object.keys(contests).join(', ')}`);
  process.exit(2);
}
await requireTools(['podman', 'skopeo', 'dockerd', 'docker', 'mkfs.ext4']);
const { storage } = await openRealImages();
await using registry = await openRegistry({ dir: storage, readonly: true });
await using scratch = await temporaryDirectory('bench-subject');
const image = `${registry.host}/${values.image}`;
const archive = join(scratch.path, 'archive.tar');
{
  await using daemon = await openDockerd({ dir: join(scratch.path, 'dockerd') });
  for (const words of [
    ['pull', '--quiet', image],
    ['save', '--output', archive, image],
  ]) {
    const { code, stderr } = await daemon.docker(words);
    if (code !== 0) throw new Error(`docker ${words.join(' ')}: ${stderr}`);
  }
}
for (const name of wanted) {
  const contest = contests[name]!({ image, archive });
  const runs = Number(values.runs);
  console.log(report(contest, await hold(contest, runs), runs));
}
