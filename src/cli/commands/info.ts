import { encodeJson, type Info } from '#wire';
import { clientFacts } from '../client-facts.ts';
import { type Command, defineCommand, type Invocation } from '../command.ts';
import { objectFormatUsage } from '../format-usage.ts';
import { withGoNames } from '../go-names.ts';
import { infoText } from '../info-text.ts';
import { isJson, parseObjectFormat } from '../object-format.ts';
import { credentialsOf } from '../registry-auth.ts';

/** `client` is the command's own version. */
export function info(client: string): Command {
  return defineCommand({
    name: 'info',
    shortcut: 'info',
    common: 12,
    usage: '[OPTIONS]',
    short: 'Display system-wide information',
    examples: ['info', "info --format '{{.DockerRootDir}}'"],
    flags: { format: { type: 'string', short: 'f', usage: objectFormatUsage } },
    arity: { min: 0, max: 0 },
    async run(invocation) {
      const { io, flags, globals } = invocation;
      const facts = { Debug: globals.debug, ...(await clientFacts(client, invocation)) };
      if (flags.format !== '') {
        await printFormatted(invocation, flags.format, { ...facts, Plugins: [], Warnings: null });
        return undefined;
      }
      io.stdout.write(`Client:\n Version:    ${facts.Version}\n Context:    ${facts.Context}\n`);
      io.stdout.write(` Debug Mode: ${facts.Debug}\n\nServer:\n`);
      const found = await askInfo(invocation);
      io.stdout.write(infoText(found, { debug: globals.debug, username: await hubUser(invocation) }));
      for (const warning of found.Warnings ?? []) io.stderr.write(`${warning}\n`);
      return undefined;
    },
  });
}

async function askInfo({ engine, signal }: Pick<Invocation, 'engine' | 'signal'>): Promise<Info> {
  const client = await engine();
  return (await (await client.request({ method: 'GET', path: '/info', signal })).json()) as Info;
}

async function hubUser(invocation: Pick<Invocation, 'io' | 'globals'>): Promise<string | undefined> {
  return (await (await credentialsOf(invocation)).get('docker.io'))?.username;
}

/** Go's names of fields that have others in JSON (moby api/types/system `Info`). */
const goNames = {
  CpuCfsPeriod: 'CPUCfsPeriod',
  CpuCfsQuota: 'CPUCfsQuota',
  HttpProxy: 'HTTPProxy',
  HttpsProxy: 'HTTPSProxy',
};

async function printFormatted(
  invocation: Pick<Invocation, 'io' | 'engine' | 'signal'>,
  format: string,
  client: object,
): Promise<void> {
  const { stdout } = invocation.io;
  const template = parseObjectFormat(format);
  const clientView = { ClientInfo: withGoNames('system.clientInfo', client) };
  if (!isJson(format)) {
    const alone = tryExecute(() => template.execute(withGoNames('system.sparseInfo', clientView)));
    // A template about the command only needs no daemon.
    if (alone !== undefined) {
      stdout.write(`${alone}\n`);
      return;
    }
  }
  try {
    const found = await askInfo(invocation);
    if (isJson(format)) stdout.write(encodeJson({ ...found, ClientInfo: client }));
    else
      stdout.write(
        `${template.execute(withGoNames('system.dockerInfo', { ...found, ...clientView }, goNames))}\n`,
      );
  } catch (error) {
    // docker has ended the line by then.
    stdout.write('\n');
    throw error;
  }
}

function tryExecute(execute: () => string): string | undefined {
  try {
    return execute();
  } catch {
    return undefined;
  }
}
