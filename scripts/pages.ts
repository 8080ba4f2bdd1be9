/**
 * Writes the generated sections of pages: what stands between `<!-- generated: NAME -->` and `<!-- end -->`.
 * With `--check` it writes nothing and fails when a section is not what it would write. Prettier is kept off the
 * sections in the pages: aligned, a table would change in every row when one does.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { commandTable, endpointTable, type Words } from './compatibility.ts';

/** One room of architecture.mjs. */
interface Room {
  readonly ring: number;
  readonly owns: string;
  readonly mustNotKnow: string;
  readonly neighbours?: readonly string[];
  readonly node?: readonly string[];
  readonly npm?: readonly string[];
}

const { modules } = (await import(new URL('../architecture.mjs', import.meta.url).href)) as {
  modules: Readonly<Record<string, Room>>;
};

const english: Words = {
  titles: ['endpoint', 'here', 'test'],
  served: 'served',
  empty: 'nothing of the kind',
};
const chinese: Words = { titles: ['端点', '这里', '测试'], served: '提供', empty: '没有这类对象' };
const sections: Readonly<Record<string, () => string>> = {
  modules: moduleTable,
  commands: () =>
    commandTable({ titles: ['command', 'also', 'flag', 'typed at gantry in', 'typed at docker in'] }),
  'commands-zh': () => commandTable({ titles: ['命令', '别名', '选项', 'gantry 的测试', 'docker 的测试'] }),
  endpoints: () => endpointTable(english),
  'endpoints-zh': () => endpointTable(chinese),
};

const pages = ['ARCHITECTURE.md', 'docs/compatibility.md', 'docs/compatibility.zh-CN.md'];
const check = process.argv.includes('--check');
const stale: string[] = [];
for (const page of pages) {
  const text = readFileSync(page, 'utf8');
  const fresh = fill(text);
  if (fresh === text) continue;
  stale.push(page);
  if (!check) writeFileSync(page, fresh);
}
if (check && stale.length > 0) {
  console.error(`${stale.join(', ')}: generated sections are stale; run "npm run pages"`);
  process.exitCode = 1;
}

function fill(text: string): string {
  return text.replaceAll(
    /(<!-- generated: (\S+) -->\n).*?(<!-- end -->)/gs,
    (_, begin: string, name: string, end: string) => {
      const section = sections[name];
      if (section === undefined) throw new Error(`no such generated section: ${name}`);
      return `${begin}\n${section()}\n${end}`;
    },
  );
}

function moduleTable(): string {
  const rows = Object.entries(modules).map(([name, room]) => {
    const { ring, owns, mustNotKnow, neighbours = [], node = [], npm = [] } = room;
    const uses = [
      ...neighbours.map((neighbour) => `\`#${neighbour}\``),
      ...node.map((builtin) => `node:${builtin}`),
      ...npm.map((name) => `**${name}**`),
    ];
    return [ring, `\`${name}\``, owns, mustNotKnow, uses.join(', ') || 'nothing'];
  });
  const titles = ['ring', 'module', 'owns', 'must not know', 'may use'];
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
