import assert from 'node:assert/strict';
import { test } from 'node:test';
import { topLevel } from './command.ts';
import { gantryProgram } from './program-tree.ts';
import { runInMemory } from './sample.suite.ts';

const program = gantryProgram('1.0.0');

test('every command has an example, which help shows below the flags', async () => {
  const grouped = program.groups.flatMap(({ name, commands }) =>
    commands.map((command) => ({ command, path: `${name} ${command.name}` })),
  );
  const own = program.commands.map((command) => ({ command, path: command.name }));
  for (const { command, path } of [...grouped, ...own]) {
    const { examples = [], shortcut } = command;
    assert.ok(examples.length > 0, path);
    for (const example of examples) {
      const called = [path, ...(shortcut === undefined ? [] : [shortcut])];
      assert.ok(
        called.some((name) => `${example} `.startsWith(`${name} `)),
        `${path}: ${example}`,
      );
    }
    const { stdout } = await runInMemory(program, [...path.split(' '), '--help']);
    const [, after = ''] = stdout.split('\n\nExamples:\n');
    assert.equal(after, examples.map((line) => `  gantry ${line}\n`).join(''), path);
  }
  assert.ok(topLevel(program).size > 0);
});
