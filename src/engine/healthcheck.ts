import type { RunConfig } from '#oci';
import { invalid, parseJsonWords } from './instruction-words.ts';

type Healthcheck = NonNullable<RunConfig['Healthcheck']>;

const durations: Readonly<Record<string, 'Interval' | 'Timeout' | 'StartPeriod' | 'StartInterval'>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
};

/**
 * The text after `HEALTHCHECK`: `NONE`, or `[--interval=D …] CMD command` (Dockerfile reference, "HEALTHCHECK").
 *
 * @throws invalid-argument `change-invalid`
 */
export function parseHealthcheck(text: string): Healthcheck {
  const options: Record<string, number> = {};
  let rest = text;
  for (let match; (match = /^--([a-z-]+)=(\S+)\s*/.exec(rest)) !== null; rest = rest.slice(match[0].length)) {
    const [, name = '', value = ''] = match;
    const field = Object.hasOwn(durations, name) ? durations[name] : undefined;
    if (field !== undefined) options[field] = parseDuration(value);
    else if (name === 'retries' && /^\d{1,9}$/.test(value)) options['Retries'] = Number(value);
    else throw invalid(`Unknown flag: ${name}`, text);
  }
  const [, type = '', command = ''] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
  switch (type.toUpperCase()) {
    case 'NONE':
      if (command !== '') throw invalid('HEALTHCHECK NONE takes no arguments', text);
      return { Test: ['NONE'] };
    case 'CMD': {
      const list = parseJsonWords(command);
      if (command === '' || list?.length === 0) throw invalid('Missing command after HEALTHCHECK CMD', text);
      return { ...options, Test: list === undefined ? ['CMD-SHELL', command] : ['CMD', ...list] };
    }
    default:
      throw invalid(`Unknown type "${type}" in HEALTHCHECK (try CMD)`, text);
  }
}

const unitNanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  /** The micro sign, and the Greek letter that looks like it. */
  '\u00b5s': 1e3,
  '\u03bcs': 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** A Go duration (`1m30s`) in nanoseconds (Go time.ParseDuration). */
function parseDuration(text: string): number {
  if (text === '0') return 0;
  const parts = [...text.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw invalid(`time: invalid duration "${text}"`, text);
  }
  // Whole numbers only: Go's readers refuse a config with others.
  return parts.reduce(
    (sum, [, number, unit = '']) => sum + Math.round(Number(number) * (unitNanoseconds[unit] ?? 0)),
    0,
  );
}
