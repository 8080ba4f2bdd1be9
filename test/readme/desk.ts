import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { succeed } from '../support/peers.ts';

/** A new user with a fresh checkout and terminals to type in. Disposing ends what still runs. */
export interface Desk extends AsyncDisposable {
  readonly checkout: string;
  readonly home: string;
  /** Types commands that must succeed; answers what they print. */
  type(commands: string): Promise<string>;
  /** Types commands that stay in the foreground, and waits until Gantry answers. */
  openTerminal(commands: string): Promise<Terminal>;
}

/** A terminal in which something runs in the foreground. */
export interface Terminal {
  printed(): string;
  /** Ctrl-C: to all that runs in the terminal. Fails unless all ends. Once is enough. */
  interrupt(): Promise<void>;
}

/** `npm ci` without a cache takes a minute on a slow line. */
const startingTakes = 300_000;
const endingTakes = 10_000;

/** The user of another test run as root: nobody. */
const nobody = '65534';

/** Lays a copy of the checkout at `root`, without what is installed or built in it, into `directory`. */
export async function openDesk(directory: string, root: string): Promise<Desk> {
  const checkout = join(directory, 'checkout');
  const home = join(directory, 'home');
  const left = new Set(['node_modules', 'dist', 'coverage', '.git']);
  await cp(root, checkout, { recursive: true, filter: (path) => !left.has(relative(root, path)) });
  await mkdir(home);
  // Where npm's packages come from is the machine's affair.
  const npmrc = join(homedir(), '.npmrc');
  if (existsSync(npmrc)) await copyFile(npmrc, join(home, '.npmrc'));

  const isRoot = process.getuid?.() === 0;
  if (isRoot) await succeed('chown', ['-R', `${nobody}:${nobody}`, directory]);
  const shell = ['sh', '-ec'];
  const change = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', ...shell];
  const [command, words] = isRoot ? ['setpriv', change] : ['env', shell];
  const options = { cwd: checkout, env: userEnvironment(home) };
  const terminals: Terminal[] = [];

  return {
    checkout,
    home,
    async type(commands) {
      return succeed(command, [...words, commands], options);
    },
    async openTerminal(commands) {
      // A process group of its own, as a shell gives it to what it runs in the foreground.
      const child = spawn(command, [...words, commands], {
        ...options,
        detached: true,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const terminal = watch(child);
      terminals.push(terminal);
      await answering(child, () => `${commands}\n${terminal.printed()}`);
      // What is printed along with the socket's name may come a moment later.
      await sleep(500);
      return terminal;
    },
    async [Symbol.asyncDispose]() {
      for (const terminal of terminals) await terminal.interrupt();
    },
  };
}

/** The environment of whoever runs the tests, without the home, the npm and the Node of this run. */
function userEnvironment(home: string): Record<string, string | undefined> {
  const foreign = /^(XDG_|DOCKER_|GANTRY_|npm_(?!config_registry$)|NODE_(?!EXTRA_CA_CERTS$)|INIT_CWD$)/;
  const cleared = Object.keys(process.env).filter((name) => foreign.test(name));
  const path = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((part) => !part.endsWith('node_modules/.bin'));
  return {
    ...process.env,
    ...Object.fromEntries(cleared.map((name) => [name, undefined])),
    HOME: home,
    PATH: path.join(delimiter),
  };
}

function watch(child: ChildProcess): Terminal {
  let printed = '';
  const read = (chunk: Buffer): void => {
    printed += chunk.toString();
  };
  child.stdout?.on('data', read);
  child.stderr?.on('data', read);
  return {
    printed: () => printed,
    async interrupt() {
      if (!signalGroup(child, 'SIGINT')) return;
      const deadline = Date.now() + endingTakes;
      while (signalGroup(child, 0)) {
        if (Date.now() > deadline) {
          signalGroup(child, 'SIGKILL');
          assert.fail(`it did not end with Ctrl-C:\n${printed}`);
        }
        await sleep(50);
      }
    },
  };
}

/** Whether anything in the child's process group was there to take the signal. */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  assert.ok(pid !== undefined, 'it cannot be started');
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** Waits until somebody listens at the socket that was typed or printed. */
async function answering(child: ChildProcess, screen: () => string): Promise<void> {
  const deadline = Date.now() + startingTakes;
  for (;;) {
    const socket = /unix:\/\/(\/[\w./-]+)/.exec(screen())?.[1];
    if (socket !== undefined && (await isAnswered(socket))) return;
    assert.ok(child.exitCode === null && child.signalCode === null, `it ended:\n${screen()}`);
    assert.ok(Date.now() < deadline, `Gantry does not answer:\n${screen()}`);
    await sleep(100);
  }
}

async function isAnswered(socket: string): Promise<boolean> {
  using stack = new DisposableStack();
  const connection = stack.adopt(connect(socket), (opened) => opened.destroy());
  try {
    await once(connection, 'connect');
    return true;
  } catch {
    return false;
  }
}
