// The rules of architecture.mjs as dependency-cruiser understands them: rings, neighbours, doors and budgets.
const { modules } = require('./architecture.mjs');

const escape = (text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
const anyOf = (names) => `(?:${names.map(escape).join('|')})`;
const tests = String.raw`\.(test|prop\.test|suite)\.ts$`;

const rules = [
  { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'enter-by-the-index',
    comment: 'A module is entered through its index.ts only.',
    severity: 'error',
    from: { path: '^src/([^/]+)/' },
    to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index\\.ts$', '\\.suite\\.ts$'] },
  },
  {
    name: 'suites-are-for-tests',
    comment:
      'A suite runs against every implementation, so tests of other modules import it; nobody else does.',
    severity: 'error',
    from: { pathNot: tests },
    to: { path: '\\.suite\\.ts$' },
  },
  { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
];

for (const [name, module] of Object.entries(modules)) {
  const allowed = Object.entries(modules)
    .filter(([other, { ring }]) => other === name || ring < module.ring || module.neighbours?.includes(other))
    .map(([other]) => other);
  const from = { path: `^src/${escape(name)}/`, pathNot: tests };
  rules.push(
    {
      name: `${name}-ring`,
      severity: 'error',
      from: { path: `^src/${escape(name)}/` },
      to: { path: '^src/', pathNot: `^src/${anyOf(allowed)}/` },
    },
    {
      name: `${name}-node-budget`,
      severity: 'error',
      from,
      to: { dependencyTypes: ['core'], pathNot: `^(?:node:)?${anyOf(module.node ?? ['-none-'])}$` },
    },
    {
      name: `${name}-npm-budget`,
      severity: 'error',
      from,
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'unknown'],
        pathNot: `node_modules/${anyOf(module.npm ?? ['-none-'])}/`,
      },
    },
  );
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: rules,
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
