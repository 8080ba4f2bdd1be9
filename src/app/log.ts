import type { Writable } from 'node:stream';
import { redact } from '#errors';
import { logText } from './log-text.ts';
import type { LogLevel } from './settings.ts';

/** Facts of a line. Undefined ones are left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Structured lines, each with a time and a level. Secrets are taken out of messages and fields alike. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Lines below this level are dropped from now on. */
  setLevel(level: LogLevel): void;
}

/** Opens a log that writes to `output`: a JSON object a line, or text for people. */
export async function openLog(
  output: Writable & { readonly isTTY?: boolean },
  { level, format }: { level: LogLevel; format: 'auto' | 'text' | 'json' },
): Promise<Log> {
  const asText = format === 'text' || (format === 'auto' && output.isTTY === true);
  // Only what stays running logs: other commands do not pay for loading it.
  const { pino, stdTimeFunctions } = await import('pino');
  const lines = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: (line: string) => output.write(asText ? logText(line) : line) },
  );
  const at =
    (name: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: LogFields = {}) => {
      if (lines.isLevelEnabled(name)) lines[name](redactFields(fields), redact(message));
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    setLevel: (next) => {
      lines.level = next;
    },
  };
}

function redactFields(fields: LogFields): LogFields {
  const clean = (value: LogFields[string]) => {
    if (typeof value === 'string') return redact(value);
    return typeof value === 'object' ? value.map(redact) : value;
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, clean(value)]));
}
