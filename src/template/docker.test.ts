import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { executionErrors, syntaxErrors } from './docker-errors.suite.ts';
import { image, printed, raw } from './docker-output.suite.ts';

// The tables of the suites are what the docker command prints: here it is asked itself, `context ls` for
// rows and `image inspect` against a server that answers any image with our JSON.
const missing = spawnSync('docker', ['--version']).error !== undefined;
const skip = missing ? 'there is no docker command on the PATH' : false;

let folder: string;
const server = createServer((request, response) => {
  response.setHeader('Api-Version', '1.50').setHeader('Content-Type', 'application/json');
  response.end(request.url?.endsWith('/_ping') ? 'OK' : JSON.stringify(image));
});

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-template-'));
  await new Promise<void>((resolve) => server.listen(join(folder, 'docker.sock'), resolve));
});

after(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

async function docker(args: readonly string[], host?: string): Promise<string> {
  const { DOCKER_HOST: _, DOCKER_CONTEXT: __, ...rest } = process.env;
  const env = { ...rest, DOCKER_CONFIG: folder, ...(host && { DOCKER_HOST: host }) };
  return new Promise((resolve) => {
    execFile('docker', args, { env }, (error, stdout, stderr) => {
      resolve(error ? stderr.trim().replace('template parsing error: template: ', '') : stdout.slice(0, -1));
    });
  });
}

async function compare(
  cases: readonly (readonly [string, string])[],
  ask: (template: string) => Promise<string>,
): Promise<void> {
  const left = cases.values();
  const worker = async (): Promise<void> => {
    for (const [template, prints] of left) assert.equal(await ask(template), prints, template);
  };
  await Promise.all([worker(), worker(), worker()]);
}

/** Asks for all templates that define no names in one go: starting docker is what takes the time. */
async function compareJoined(
  cases: readonly (readonly [string, string])[],
  ask: (template: string) => Promise<string>,
): Promise<void> {
  const separator = '\u241e';
  const joined = cases.filter(([template]) => !/define|block/.test(template));
  const text = joined.map(([template]) => template).join(`{{"${separator}"}}`);
  const expected = joined.map(([, prints]) => prints);
  assert.deepEqual((await ask(text)).split(separator), expected);
  await compare(
    cases.filter((entry) => !joined.includes(entry)),
    ask,
  );
}

const listContexts = async (template: string): Promise<string> =>
  docker(['context', 'ls', '--format', template]);
const inspectImage = async (template: string): Promise<string> => {
  return docker(['image', 'inspect', '-f', template, 'x'], `unix://${join(folder, 'docker.sock')}`);
};

test('docker prints rows as the table says', { skip }, async () => {
  await compareJoined(printed, listContexts);
});

test('docker refuses templates as the tables say', { skip }, async () => {
  await compare(syntaxErrors, listContexts);
  await compare(executionErrors, listContexts);
});

test('docker prints raw JSON as the table says', { skip }, async () => {
  const fails = raw.filter(([, prints]) => /^:\d+:/.test(prints));
  await compareJoined(
    raw.filter((entry) => !fails.includes(entry)),
    inspectImage,
  );
  await compare(fails, inspectImage);
});
