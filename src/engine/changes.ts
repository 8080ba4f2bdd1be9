import type { RunConfig } from '#oci';
import { parseHealthcheck } from './healthcheck.ts';
import { expandWord, invalid, parseJsonWords, splitWords } from './instruction-words.ts';

type Instruction = (config: RunConfig, text: string) => RunConfig;

/** What may change an image without building it (moby builder/dockerfile/builder.go, `validCommitCommands`). */
const instructions: Readonly<Record<string, Instruction>> = {
  cmd: (config, text) => ({ ...config, Cmd: command(config, text) }),
  // A new entry point makes the old arguments meaningless.
  entrypoint: ({ Cmd: _, ...config }, text) => ({ ...config, Entrypoint: command(config, text) }),
  env: (config, text) => ({ ...config, Env: setEnv(config, pairs(config, text, 'ENV')) }),
  expose: (config, text) => ({
    ...config,
    ExposedPorts: { ...config.ExposedPorts, ...keys(words(config, text).flatMap(ports)) },
  }),
  healthcheck: (config, text) => ({ ...config, Healthcheck: parseHealthcheck(text) }),
  label: (config, text) => ({
    ...config,
    Labels: { ...config.Labels, ...Object.fromEntries(pairs(config, text, 'LABEL')) },
  }),
  onbuild: (config, text) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), trigger(text)] }),
  stopsignal: (config, text) => ({ ...config, StopSignal: oneWord(config, text, 'STOPSIGNAL') }),
  user: (config, text) => ({ ...config, User: oneWord(config, text, 'USER') }),
  volume: (config, text) => ({
    ...config,
    Volumes: { ...config.Volumes, ...keys(expandAll(config, parseJsonWords(text) ?? splitWords(text))) },
  }),
  workdir: (config, text) => ({ ...config, WorkingDir: workdir(config, expandWord(text, envOf(config))) }),
};

/**
 * `config` after Dockerfile instructions, one each: `CMD`, `ENTRYPOINT`, `ENV`, `EXPOSE`, `HEALTHCHECK`, `LABEL`,
 * `ONBUILD`, `STOPSIGNAL`, `USER`, `VOLUME`, `WORKDIR`.
 *
 * @throws invalid-argument `change-invalid`
 */
export function applyChanges(config: RunConfig, changes: readonly string[]): RunConfig {
  let changed = config;
  let hasCommand = false;
  for (const change of changes) {
    const [, name = '', text = ''] = /^\s*(\S+)\s*(.*?)\s*$/s.exec(change) ?? [];
    const key = name.toLowerCase();
    const apply = Object.hasOwn(instructions, key) ? instructions[key] : undefined;
    if (apply === undefined) throw invalid(`${name} is not a valid change command`, change);
    if (text === '' && key !== 'cmd' && key !== 'entrypoint')
      throw invalid(`${name.toUpperCase()} requires at least one argument`, change);
    const before = changed;
    changed = apply(before, text);
    // CMD and ENTRYPOINT of one set of changes belong together, in either order.
    if (key === 'entrypoint' && hasCommand && before.Cmd !== undefined)
      changed = { ...changed, Cmd: before.Cmd };
    hasCommand ||= key === 'cmd';
  }
  return changed;
}

/** The exec form as it is, the shell form for the config's shell. */
function command({ Shell = ['/bin/sh', '-c'] }: RunConfig, text: string): readonly string[] {
  const list = parseJsonWords(text);
  if (list !== undefined) return list;
  return text === '' ? [] : [...Shell, text];
}

function envOf({ Env = [] }: RunConfig): Map<string, string> {
  return new Map(
    Env.filter((each) => each.includes('=')).map((each) => {
      const at = each.indexOf('=');
      return [each.slice(0, at), each.slice(at + 1)];
    }),
  );
}

/** A variable that is set again stays where it is; what is no assignment stays as it is. */
function setEnv({ Env = [] }: RunConfig, changes: readonly (readonly [string, string])[]): readonly string[] {
  const assignments = new Map(Env.map((each) => [each.split('=', 1)[0] ?? '', each]));
  for (const [name, value] of changes) assignments.set(name, `${name}=${value}`);
  return [...assignments.values()];
}

function words(config: RunConfig, text: string): string[] {
  return expandAll(config, splitWords(text));
}

function expandAll(config: RunConfig, list: readonly string[]): string[] {
  const env = envOf(config);
  return list.map((word) => expandWord(word, env));
}

/** An instruction for the builds on top of the image (moby builder/dockerfile/parse.go, `parseOnBuild`). */
function trigger(text: string): string {
  const [name = ''] = text.toUpperCase().split(/\s/, 1);
  if (name === 'ONBUILD') throw invalid("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed", text);
  if (name === 'FROM' || name === 'MAINTAINER') {
    throw invalid(`${name} isn't allowed as an ONBUILD trigger`, text);
  }
  return text;
}

function oneWord(config: RunConfig, text: string, name: string): string {
  const [word = '', ...more] = words(config, text);
  if (more.length > 0) throw invalid(`${name} requires exactly one argument`, text);
  return word;
}

/** `key=value …`, or the old form `key the rest of the line`. */
function pairs(config: RunConfig, text: string, name: string): (readonly [string, string])[] {
  const env = envOf(config);
  const split = splitWords(text);
  if (split[0]?.includes('=') !== true) {
    const [, key = '', value = ''] = /^(\S+)\s+(.*)$/s.exec(text) ?? [];
    if (key === '') throw invalid(`${name} must have two arguments`, text);
    return [[expandWord(key, env), expandWord(value, env)]];
  }
  return split.map((word) => {
    const at = word.indexOf('=');
    if (at < 0) {
      throw invalid(`Syntax error - can't find = in "${word}". Must be of the form: name=value`, text);
    }
    if (at === 0) throw invalid(`${name} names can not be blank`, text);
    return [expandWord(word.slice(0, at), env), expandWord(word.slice(at + 1), env)] as const;
  });
}

function keys(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}

/** `80`, `53/udp`, `8000-8010` as `80/tcp` and so on. */
function ports(text: string): string[] {
  const [, first = '', last = first, protocol = 'tcp'] =
    /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(text) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (first === '' || from < 1 || to > 65_535 || to < from)
    throw invalid(`invalid containerPort: ${text}`, text);
  return Array.from({ length: to - from + 1 }, (_, index) => `${from + index}/${protocol.toLowerCase()}`);
}

/** A relative directory stands below the one before. */
function workdir({ WorkingDir = '/' }: RunConfig, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${WorkingDir}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}
