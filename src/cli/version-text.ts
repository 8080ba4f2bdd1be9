import type { Version, VersionComponent } from '#wire';
import type { ClientFacts } from './client-facts.ts';
import { alignColumns } from './table.ts';

/** Docker's text of both versions; without the server's when it is not known. */
export function versionText(
  client: ClientFacts & { readonly APIVersion: string },
  server: Version | undefined,
): string {
  const { APIVersion, DefaultAPIVersion } = client;
  const downgraded = APIVersion === DefaultAPIVersion ? '' : ` (downgraded from ${DefaultAPIVersion})`;
  const lines = [
    'Client:',
    ` Version:\t${client.Version}`,
    ` API version:\t${APIVersion}${downgraded}`,
    ` Go version:\t${client.GoVersion}`,
    ` OS/Arch:\t${client.Os}/${client.Arch}`,
    ` Context:\t${client.Context}`,
    ...(server === undefined ? [] : serverLines(server)),
  ];
  return alignColumns(`${lines.join('\n')}\n`, { minWidth: 20, padding: 1 });
}

function serverLines(server: Version): string[] {
  const { Name } = server.Platform;
  const components = server.Components.some((each) => each.Name === 'Engine')
    ? server.Components
    : [...server.Components, engineOf(server)];
  return ['', Name === '' ? 'Server:' : `Server: ${Name}`, ...components.flatMap(componentLines)];
}

/** The daemon of a server that does not list it among its parts. */
function engineOf({ Version: version, ApiVersion, ...details }: Version): VersionComponent {
  const { MinAPIVersion, GoVersion, GitCommit, BuildTime, Os, Arch } = details;
  const named = { ApiVersion, MinAPIVersion, GoVersion, GitCommit, BuildTime, Os, Arch };
  return { Name: 'Engine', Version: version, Details: { ...named, Experimental: 'false' } };
}

function componentLines({ Name, Version: version, Details }: VersionComponent): string[] {
  const first = [` ${Name}:`, `  Version:\t${version}`];
  if (Name !== 'Engine') {
    const keys = Object.keys(Details).sort();
    return [...first, ...keys.map((key) => `  ${key}:\t${Details[key] ?? ''}`)];
  }
  const detail = (name: string): string => Details[name] ?? '';
  return [
    ...first,
    `  API version:\t${detail('ApiVersion')} (minimum version ${detail('MinAPIVersion')})`,
    `  Go version:\t${detail('GoVersion')}`,
    `  Git commit:\t${detail('GitCommit')}`,
    `  Built:\t${builtAt(detail('BuildTime'))}`,
    `  OS/Arch:\t${detail('Os')}/${detail('Arch')}`,
    `  Experimental:\t${detail('Experimental')}`,
  ];
}

/** A time of RFC 3339 as C's ctime writes it, in its own zone; other texts as they are. */
function builtAt(text: string): string {
  const [, local] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.exec(text) ?? [];
  if (local === undefined) return text;
  const [weekday = '', day = '', month, year, time] = new Date(`${local}Z`).toUTCString().split(/,? /);
  return `${weekday} ${month ?? ''} ${String(Number(day)).padStart(2)} ${time ?? ''} ${year ?? ''}`;
}
