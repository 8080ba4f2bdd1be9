import type { Digest } from '#oci';

/** The `json` of an image of before Docker 1.10 (moby image/spec v1). Foreign: nothing of it is known. */
export type LegacyJson = Readonly<Record<string, unknown>>;

/** What an image of today has elsewhere, or not at all (moby image/v1/imagev1.go, `MakeConfigFromV1Config`). */
const dropped = new Set(['id', 'parent', 'Size', 'parent_id', 'layer_id', 'throwaway']);

/**
 * The config of today for an image of old. It is made as docker makes it, byte for byte, so that the image has the
 * same id here and there: Go sorts the keys of the document and escapes what HTML would mistake.
 */
export function encodeLegacyConfig(
  json: LegacyJson,
  { diffIds, history }: { diffIds: readonly Digest[]; history: readonly object[] },
): Uint8Array {
  const config: Record<string, unknown> = {
    ...Object.fromEntries(Object.entries(json).filter(([key]) => !dropped.has(key))),
    rootfs: { type: 'layers', diff_ids: diffIds },
    history,
  };
  const sorted = Object.keys(config)
    .sort()
    .map((key) => [key, config[key]]);
  return Buffer.from(escaped(JSON.stringify(Object.fromEntries(sorted))));
}

/** The step that made the image's own layer (`HistoryFromConfig`). */
export function historyOf({ created, author, container_config: container, comment }: LegacyJson): object {
  const { Cmd } = (container ?? {}) as LegacyJson;
  const createdBy = Array.isArray(Cmd) ? Cmd.join(' ') : '';
  return {
    ...(text(created) ? { created } : {}),
    ...(text(author) ? { author } : {}),
    ...(createdBy === '' ? {} : { created_by: createdBy }),
    ...(text(comment) ? { comment } : {}),
  };
}

function text(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Go's encoding/json, `HTMLEscape`. */
function escaped(json: string): string {
  return json.replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
