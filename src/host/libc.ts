import { createRequire } from 'node:module';
import os from 'node:os';
import type koffi from 'koffi';

type Koffi = typeof koffi;
type Native = (...args: readonly unknown[]) => number | bigint;

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
 */
export function libcFunction(prototype: string, name?: string): (...args: readonly unknown[]) => number {
  let bound: Native | undefined;
  const label = name ?? /(\w+)\(/.exec(prototype)?.[1] ?? prototype;
  return (...args) => {
    bound ??= load().lib.func(prototype) as Native;
    const result = Number(bound(...args));
    if (result < 0) throw systemError(label, load().koffi.errno());
    return result;
  };
}
