import { readFile } from 'node:fs/promises';
import { errnoOf, fromErrno } from '#errors';
import type { Invocation } from './command.ts';
import { configFile } from './registry-auth.ts';
import type { CommandIO } from './terminal.ts';

/** The context that is no entry of the store: what `--host`, `DOCKER_HOST` and the machine say. */
export const defaultContext = 'default';

/**
 * The name of the context that is meant, in docker's order (docker/cli command/cli.go): `--context`, nothing where
 * `--host` or `DOCKER_HOST` name a daemon, `DOCKER_CONTEXT`, `currentContext` of docker's configuration. Whoever names
 * a store means no daemon: the configuration is not asked then. A configuration that is not JSON is told to `warn`.
 *
 * @throws `errno-…` for a configuration that cannot be read
 */
export async function contextName(
  { io, globals }: { io: Pick<CommandIO, 'env' | 'cwd'>; globals: Invocation['globals'] },
  warn: (line: string) => void = () => undefined,
): Promise<string> {
  const { env } = io;
  if (globals.context !== '') return globals.context;
  if (globals.host.length > 0 || (env['DOCKER_HOST'] ?? '') !== '') return defaultContext;
  const named = env['DOCKER_CONTEXT'] ?? '';
  if (named !== '') return named;
  if (globals.dataRoot !== '' || globals.configFile !== '' || env['GANTRY_DATA_ROOT']) return defaultContext;
  const file = configFile({ io, globals });
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return defaultContext;
    throw fromErrno(error, `read ${file}`, { file });
  }
  return currentContext(text, () => {
    warn(`WARNING: Error parsing config file (${file}): it is no JSON object`);
  });
}

function currentContext(text: string, warn: () => void): string {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) warn();
    else if ('currentContext' in parsed && typeof parsed.currentContext === 'string')
      return parsed.currentContext || defaultContext;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    warn();
  }
  return defaultContext;
}
