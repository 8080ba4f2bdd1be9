import { GantryError } from '#errors';
import { parseReference, type Reference, withDefaultTag } from '#oci';
import type { CommandIO } from './terminal.ts';

/**
 * The image that a pull or a push is about: with a tag, `latest` unless told, which is said then; with `allTags` a
 * bare repository.
 *
 * @throws invalid-argument `reference-invalid`; `flags-conflict` for a tag beside `allTags`
 */
export function namedReference(
  text: string,
  { allTags, quiet }: { readonly allTags: boolean; readonly quiet: boolean },
  io: CommandIO,
): Reference {
  const parsed = parseReference(text);
  const nameOnly = parsed.tag === undefined && parsed.digest === undefined;
  if (allTags && !nameOnly) {
    throw new GantryError('invalid-argument', 'flags-conflict', "tag can't be used with --all-tags/-a");
  }
  if (allTags || !nameOnly) return parsed;
  const reference = withDefaultTag(parsed);
  if (!quiet) io.stdout.write(`Using default tag: ${reference.tag ?? ''}\n`);
  return reference;
}
