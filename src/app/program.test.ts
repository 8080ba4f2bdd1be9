import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wholeProgram } from './program.ts';

const program = wholeProgram({ uid: 0, home: '/root', cwd: '/', env: {} });

test('the commands of the daemon have examples, too, which begin with their name', () => {
  const grouped = program.groups.flatMap(({ name, commands }) =>
    commands.map((command) => ({ command, names: [`${name} ${command.name}`, command.shortcut] })),
  );
  const own = program.commands.map((command) => ({ command, names: [command.name] }));
  for (const { command, names } of [...grouped, ...own]) {
    assert.notEqual((command.examples ?? []).length, 0, command.name);
    for (const example of command.examples ?? []) {
      assert.ok(
        names.some((name) => name !== undefined && `${example} `.startsWith(`${name} `)),
        example,
      );
    }
  }
});
