import { arch, platform, versions } from 'node:process';
import { nodePlatform } from '#oci';
import { currentApiVersion } from '#wire';
import type { Invocation } from './command.ts';
import { contextName } from './context-name.ts';

/** What the command says of itself, by docker's names. */
export interface ClientFacts {
  readonly Version: string;
  /** The newest version of the API that it speaks. */
  readonly DefaultAPIVersion: string;
  /** The version of the runtime, under the name that docker's output has for it. */
  readonly GoVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly Context: string;
}

export async function clientFacts(
  version: string,
  invocation: Pick<Invocation, 'io' | 'globals'>,
): Promise<ClientFacts> {
  const { os, architecture } = nodePlatform(platform, arch);
  return {
    Version: version,
    DefaultAPIVersion: currentApiVersion,
    GoVersion: `node${versions.node}`,
    Os: os,
    Arch: architecture,
    Context: await contextName(invocation),
  };
}
