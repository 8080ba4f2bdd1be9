import path from 'node:path';
import { parseHost } from '../address.ts';

/** One kind of value, and how a file, the environment and a flag say it. */
export interface Kind<Value> {
  /** What ends the sentence "it must be …". */
  readonly wanted: string;
  /** The flag's type in the command line. */
  readonly flag: 'string' | 'list' | 'boolean' | 'int';
  /** The value that a piece of JSON stands for, or undefined when it is none of this kind. */
  readonly read: (json: unknown) => Value | undefined;
  /** A text of the environment as JSON. */
  readonly fromText: (text: string) => unknown;
  /** What a list is made of, so that the wrong one is found. */
  readonly item?: Kind<string>;
  /** Flags may give it relative to the working directory. */
  readonly isPath?: boolean;
}

function texts(wanted: string, holds: (text: string) => boolean): Kind<string> {
  return {
    wanted,
    flag: 'string',
    read: (json) => (typeof json === 'string' && holds(json) ? json : undefined),
    fromText: (text) => text,
  };
}

/** Lists; in the environment separated by commas. */
function listOf(item: Kind<string>, wanted: string): Kind<readonly string[]> {
  return {
    wanted,
    flag: 'list',
    read: (json) =>
      Array.isArray(json) && json.every((each) => item.read(each) !== undefined)
        ? (json as string[])
        : undefined,
    fromText: (text) =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    item,
  };
}

export const plainText = texts('a text', () => true);

/** Empty for none. */
export const absolutePath: Kind<string> = {
  ...texts('an absolute path', (text) => text === '' || path.isAbsolute(text)),
  isPath: true,
};

export const addressWithPort = texts(
  'an address like "127.0.0.1:9323"',
  (text) => text === '' || /^\[?[^\s/]*\]?:\d{1,5}$/.test(text),
);

export const count: Kind<number> = {
  wanted: 'a whole number above 0',
  flag: 'int',
  read: (json) => (Number.isSafeInteger(json) && (json as number) > 0 ? (json as number) : undefined),
  fromText: (text) => (/^\d+$/.test(text) ? Number(text) : text),
};

/** In the environment also 1 and 0. */
export const onOrOff: Kind<boolean> = {
  wanted: 'true or false',
  flag: 'boolean',
  read: (json) => (typeof json === 'boolean' ? json : undefined),
  fromText: (text) => ({ true: true, 1: true, false: false, 0: false })[text] ?? text,
};

/** One of a few words. */
export function oneOf<const Word extends string>(...words: readonly Word[]): Kind<Word> {
  return {
    wanted: `one of ${words.map((word) => JSON.stringify(word)).join(', ')}`,
    flag: 'string',
    read: (json) => words.find((word) => word === json),
    fromText: (text) => text,
  };
}

export const hosts = listOf(
  texts(
    'an address like "unix:///run/gantry.sock", "tcp://127.0.0.1:2375" or "fd://"',
    (text) => parseHost(text) !== undefined,
  ),
  'a list of addresses like "unix:///run/gantry.sock", "tcp://127.0.0.1:2375" or "fd://"',
);

export const mirrors = listOf(
  texts('a URL like "https://mirror.example:5000"', isMirror),
  'a list of URLs like "https://mirror.example:5000"',
);

export const registries = listOf(
  texts('a host like "registry.example:5000" or a network like "10.0.0.0/8"', (text) =>
    /^[^\s/]+(\/\d+)?$/.test(text),
  ),
  'a list of hosts like "registry.example:5000" or networks like "10.0.0.0/8"',
);

export const labels = listOf(
  texts('a label like "zone=a"', (text) => /^[^=\s][^=]*=/.test(text)),
  'a list of labels like "zone=a"',
);

function isMirror(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    ['http:', 'https:'].includes(url.protocol) &&
    url.search + url.hash + url.username + url.password === ''
  );
}
