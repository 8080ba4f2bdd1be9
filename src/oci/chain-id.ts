import { digestOf, type Digest } from './digest.ts';

/**
 * The identity of each stack of layers, the lowest alone first: the last one names the whole root file system.
 * Source: image-spec config.md, "Layer ChainID". The hash is sha256 whatever the diff ids are made with.
 */
export function chainIds(diffIds: readonly Digest[]): Digest[] {
  const chain: Digest[] = [];
  let below: Digest | undefined;
  for (const diffId of diffIds) {
    below = below === undefined ? diffId : digestOf(new TextEncoder().encode(`${below} ${diffId}`));
    chain.push(below);
  }
  return chain;
}
