#!/usr/bin/env node
// The one file that an old Node reads too, down to 12: plain JavaScript, no syntax younger than 2019. It sees to it
// that Node 24 runs the rest: this Node if it is new enough, otherwise the one that npm brought along.
import { spawn } from 'child_process';
import { existsSync } from 'fs';
import module from 'module';
import { homedir } from 'os';
import { dirname, join } from 'path';
import { fileURLToPath } from 'url';

const oldest = 24;

if (parseInt(process.versions.node, 10) >= oldest) start();
else startAgain();

function start() {
  // Loading the modules is most of what a short command takes; the cache cuts it to a quarter.
  module.enableCompileCache(cacheDirectory());
  // A checkout runs its sources as they are; the published package has only what was built from them.
  const source = new URL('../src/app/main.ts', import.meta.url);
  const main = existsSync(source) ? source : new URL('../dist/app/main.js', import.meta.url);
  import(main.href)
    .then((app) => app.main(process))
    .then((code) => {
      process.exitCode = code;
    });
}

// Never Node's own choice, which lies in /tmp: what is found in the cache is run.
function cacheDirectory() {
  if (process.getuid() === 0) return '/var/cache/gantry/node';
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gantry', 'node');
}

function startAgain() {
  const node = carriedNode();
  if (node === undefined) {
    console.error(
      'gantry: this is Node ' +
        process.versions.node +
        ', and Gantry needs ' +
        oldest +
        ' or newer: install it, or have npm install the optional dependency node-linux-' +
        process.arch,
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, [fileURLToPath(import.meta.url)].concat(process.argv.slice(2)), {
    stdio: ['inherit', 'inherit', 'inherit'].concat(passedSockets()),
  });
  // A terminal sends these to the child as well: twice would mean "at once" to it.
  const fromTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const passed = ['SIGTERM', 'SIGHUP', 'SIGUSR2'].concat(fromTerminal ? [] : ['SIGINT', 'SIGQUIT']);
  passed.forEach((signal) => process.on(signal, () => child.kill(signal)));
  const ignored = fromTerminal ? ['SIGINT', 'SIGQUIT'] : [];
  ignored.forEach((signal) => process.on(signal, () => undefined));
  child.on('error', (error) => {
    console.error('gantry: cannot run ' + node + ': ' + error.message);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
      return;
    }
    // Whoever waits for this process learns how the child ended.
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

// What systemd opened for this process (sd_listen_fds(3)) is for the child, which knows its parent's number.
function passedSockets() {
  const meant = process.env.LISTEN_PID === String(process.pid);
  return Array.from({ length: meant ? Number(process.env.LISTEN_FDS) || 0 : 0 }, (_, n) => 3 + n);
}

// Wherever npm put the package: beside this one, below it or above it.
function carriedNode() {
  try {
    const require = module.createRequire(import.meta.url);
    const node = join(
      dirname(require.resolve('node-linux-' + process.arch + '/package.json')),
      'bin',
      'node',
    );
    return existsSync(node) ? node : undefined;
  } catch (error) {
    return undefined;
  }
}
