import { createRequire } from 'node:module';
import os from 'node:os';
import type koffi from 'koffi';

type Koffi = typeof koffi;
type Native = (...args: readonly unknown[]) => number | bigint;
interface AsyncNative {
  readonly async: (...args: readonly unknown[]) => void;
}

let ffi: { readonly koffi: Koffi; readonly lib: ReturnType<Koffi['load']> } | undefined;

// Loading costs 13 ms: whoever only imports this module does not pay it.
function load(): NonNullable<typeof ffi> {
  if (ffi === undefined) {
    const loaded = createRequire(import.meta.url)('koffi') as Koffi;
    // The process itself has the C library linked in, be it glibc or musl.
    ffi = { koffi: loaded, lib: loaded.load(null) };
  }
  return ffi;
}

// Some numbers have two names (EAGAIN, EWOULDBLOCK): Node's own errors carry the first.
const errnoNames = new Map(
  Object.entries(os.constants.errno)
    .reverse()
    .map(([name, value]) => [value, name]),
);

/** A failed call as Node's own system errors are: `code`, `errno` (negative), `syscall`. */
function systemError(syscall: string, errno: number): NodeJS.ErrnoException {
  const code = errnoNames.get(errno) ?? `E${errno}`;
  return Object.assign(new Error(`${code}, ${syscall}`), { code, errno: -errno, syscall });
}

/**
 * A C function by its prototype in koffi's syntax, bound at the first call. The call is synchronous; a negative
 * result throws a system error named after `name`, any other is returned.
 *
 * A `const char *` takes a string (passed as UTF-8) or a Buffer that ends in a zero byte.
 */
export function libcFunction(
  prototype: string,
  name = nameIn(prototype),
): (...args: readonly unknown[]) => number {
  let bound: Native | undefined;
  return (...args) => {
    bound ??= load().lib.func(prototype) as Native;
    const result = Number(bound(...args));
    if (result < 0) throw systemError(name, load().koffi.errno());
    return result;
  };
}

/** As `libcFunction`, run in the thread pool: for calls that wait for a disk. */
export function asyncLibcFunction(prototype: string): (...args: readonly unknown[]) => Promise<number> {
  let bound: AsyncNative | undefined;
  return (...args) =>
    new Promise((resolve, reject) => {
      bound ??= load().lib.func(prototype) as unknown as AsyncNative;
      bound.async(...args, (error: Error | null, result: number | bigint) => {
        if (error !== null) reject(error);
        else if (result < 0) reject(systemError(nameIn(prototype), load().koffi.errno()));
        else resolve(Number(result));
      });
    });
}

function nameIn(prototype: string): string {
  return /(\w+)\(/.exec(prototype)?.[1] ?? prototype;
}

/** A path as `const char *` of `libcFunction`. */
export function cString(path: string | Buffer): string | Buffer {
  return typeof path === 'string' ? path : Buffer.concat([path, Buffer.alloc(1)]);
}
