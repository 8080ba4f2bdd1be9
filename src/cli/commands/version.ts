import { toError } from '#errors';
import { currentApiVersion, encodeJson, type Version } from '#wire';
import { clientFacts, type ClientFacts } from '../client-facts.ts';
import { type Command, defineCommand } from '../command.ts';
import { objectFormatUsage } from '../format-usage.ts';
import { withGoNames } from '../go-names.ts';
import { isJson, parseObjectFormat } from '../object-format.ts';
import type { CommandIO } from '../terminal.ts';
import { versionText } from '../version-text.ts';

/** `client` is the command's own version. */
export function version(client: string): Command {
  return defineCommand({
    name: 'version',
    common: 11,
    usage: '[OPTIONS]',
    short: 'Show the version information of the command and the daemon',
    examples: ['version', "version --format '{{.Server.Version}}'"],
    flags: { format: { type: 'string', short: 'f', usage: objectFormatUsage } },
    arity: { min: 0, max: 0 },
    async run({ io, flags: { format }, globals, engine, signal }) {
      if (format !== '') parseObjectFormat(format);
      let apiVersion: string = currentApiVersion;
      let server: Version | undefined;
      let failure: unknown;
      try {
        const asked = await engine();
        ({ apiVersion } = asked);
        server = (await (await asked.request({ method: 'GET', path: '/version', signal })).json()) as Version;
      } catch (error) {
        failure = error;
      }
      print(io, format, {
        client: { ...(await clientFacts(client, { io, globals })), APIVersion: apiVersion },
        server,
        failure,
      });
      if (failure !== undefined) throw toError(failure);
      return undefined;
    },
  });
}

interface Versions {
  readonly client: ClientFacts & { readonly APIVersion: string };
  readonly server: Version | undefined;
  /** Why the server's is not known. */
  readonly failure: unknown;
}

function print({ stdout }: CommandIO, format: string, { client, server, failure }: Versions): void {
  if (format === '') {
    stdout.write(versionText(client, server));
    return;
  }
  if (isJson(format)) {
    const { APIVersion, Version, ...more } = client;
    stdout.write(
      encodeJson({ Client: { Version, ApiVersion: APIVersion, ...more }, Server: server ?? null }),
    );
    return;
  }
  const view = withGoNames('system.versionInfo', {
    Client: withGoNames('system.clientVersion', { ...client, GitCommit: '', BuildTime: '' }),
    Server: server === undefined ? null : withGoNames('*types.Version', server, { ApiVersion: 'APIVersion' }),
  });
  try {
    stdout.write(`${parseObjectFormat(format).execute(view)}\n`);
  } catch (error) {
    stdout.write('\n');
    // Without a server, its fields are missing, and why it is away says more.
    if (failure === undefined) throw error;
  }
}
