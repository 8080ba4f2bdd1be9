import { GantryError, toError } from '#errors';
import { canonicalName, parseReference, type Reference } from '#oci';
import { defineCommand } from '../command.ts';

export const tag = defineCommand({
  name: 'tag',
  shortcut: 'tag',
  usage: 'SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]',
  short: 'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
  examples: ['tag nginx registry.local:5000/nginx:v1'],
  words: 'images',
  flags: {},
  arity: { min: 2, max: 2 },
  async run({ args: [source = '', target = ''], engine, signal }) {
    const reference = parseTarget(target);
    const client = await engine();
    await client.request({
      method: 'POST',
      path: `/images/${source}/tag`,
      query: { repo: canonicalName(reference), tag: reference.tag },
      signal,
    });
    return undefined;
  },
});

function parseTarget(target: string): Reference {
  try {
    const reference = parseReference(target);
    if (reference.digest === undefined) return reference;
  } catch (error) {
    throw new GantryError(
      'invalid-argument',
      'reference-invalid',
      `Error parsing reference: ${JSON.stringify(target)} is not a valid repository/tag: ${toError(error).message}`,
      { cause: error },
    );
  }
  throw new GantryError(
    'invalid-argument',
    'reference-digest',
    'refusing to create a tag with a digest reference',
  );
}
