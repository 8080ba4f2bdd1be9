import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type CommandIO, gantryProgram, runProgram } from '#cli';
import type { Engine } from '#engine';
import { type EngineClient, openEngineClient } from '#engine-client';
import { connectLocally } from '#engine-api';
import { randomImage } from './random-image.ts';
import { openTestApi, type TestApi } from './test-api.ts';

/** What the command did. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The standard output as it was written. */
  readonly bytes: Buffer;
}

export interface SessionOptions {
  readonly stdin?: string | Uint8Array;
  /** Whether the input and the output are a terminal; its keys are those of `stdin`. */
  readonly terminal?: boolean;
  readonly signal?: AbortSignal;
  /** Instead of the session's own daemon. */
  readonly connect?: () => Promise<EngineClient>;
}

/** The whole program over an engine in memory, in a directory of its own. */
export interface Session {
  readonly api: TestApi;
  readonly directory: string;
  readonly run: (argv: readonly string[], options?: SessionOptions) => Promise<Outcome>;
}

export async function openSession(context: TestContext, overrides: Partial<Engine> = {}): Promise<Session> {
  const api = await openTestApi(overrides);
  const directory = await mkdtemp(path.join(tmpdir(), 'gantry-cli-'));
  context.after(async () => {
    await api[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });
  const own = () => connectTo(api.server);
  return {
    api,
    directory,
    run: (argv, options = {}) => run(argv, { connect: own, ...options, directory }),
  };
}

/** A client of a server in this process. */
export function connectTo(server: Server, options: { apiVersion?: string } = {}): Promise<EngineClient> {
  return openEngineClient({ host: 'inside', connect: () => connectLocally(server), ...options });
}

async function run(
  argv: readonly string[],
  { stdin = '', terminal = false, signal, connect, directory }: RunOptions,
): Promise<Outcome> {
  const stdout = capture(terminal);
  const stderr = capture(terminal);
  const input = Object.assign(new PassThrough(), { isTTY: terminal });
  // A terminal has no end.
  if (terminal) input.write(stdin);
  else input.end(stdin);
  const io: CommandIO = { stdout, stderr, stdin: input, env: { HOME: directory }, cwd: directory };
  const code = await runProgram(gantryProgram('1.0.0'), argv, {
    io,
    signal: signal ?? new AbortController().signal,
    connect,
  });
  const bytes = Buffer.concat(stdout.chunks);
  return { code, stdout: bytes.toString(), stderr: Buffer.concat(stderr.chunks).toString(), bytes };
}

type RunOptions = SessionOptions & Required<Pick<SessionOptions, 'connect'>> & { readonly directory: string };

function capture(isTTY: boolean): Writable & { readonly chunks: Buffer[]; readonly isTTY: boolean } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk);
      done();
    },
  });
  return Object.assign(stream, { chunks, isTTY });
}

/** Two tars that differ, of 2560 bytes each. */
export const layerTars = [1, 2].map((seed) => randomImage({ seed, layers: 1 }).tars[0] ?? new Uint8Array());

/** Imports a tar and answers the image's id. */
export async function importTar(session: Session, tar = layerTars[0], ...name: string[]): Promise<string> {
  const { stdout } = await session.run(['import', '-', ...name], { stdin: gzipSync(tar ?? '') });
  return stdout.trim();
}
