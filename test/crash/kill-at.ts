/**
 * Loaded before a command by `--import`: every call that changes the store is a numbered point. With KILL_AT the
 * process is killed (SIGKILL, from within) before the call of that number; with KILL_LOG the names of all calls are
 * written there, one a line. Nothing in the product knows of it.
 */
import fs from 'node:fs';
import fsp from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { StatementSync } from 'node:sqlite';
import { isMainThread } from 'node:worker_threads';

const killAt = Number(process.env['KILL_AT'] ?? 0);
const log = process.env['KILL_LOG'];
let calls = 0;

function point(name: string): void {
  calls++;
  if (log !== undefined) fs.writeSync(logFile, `${name}\n`);
  if (calls === killAt) process.kill(process.pid, 'SIGKILL');
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

function watch(target: object, names: readonly string[], prefix: string): void {
  const methods = target as Methods;
  for (const name of names) {
    const original = methods[name];
    if (original === undefined) throw new Error(`${prefix} has no ${name}`);
    methods[name] = function (this: unknown, ...args: unknown[]) {
      point(`${prefix}.${name}`);
      return original.apply(this, args);
    };
  }
}

const logFile = isMainThread && log !== undefined ? fs.openSync(log, 'w') : -1;
if (isMainThread && (killAt > 0 || log !== undefined)) {
  const handle = await fsp.open('/dev/null');
  watch(Object.getPrototypeOf(handle) as object, ['write', 'sync', 'datasync', 'truncate'], 'file');
  await handle.close();
  watch(fsp, ['open', 'mkdir', 'rename', 'rm', 'rmdir', 'unlink', 'writeFile', 'chmod', 'chown'], 'fs');
  watch(StatementSync.prototype, ['run'], 'sql');
  syncBuiltinESMExports();
}
