/** RFC 3339; digits of a second beyond the ninth are read over, as Go does. */
const rfc3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/;

/**
 * The time that an image's `created` names, in nanoseconds since 1970. Undefined or unreadable text counts as the
 * year 1 (Go's zero time), as docker has it.
 */
export function createdNanoseconds(created: string | undefined): bigint {
  const [, seconds, fraction = '', zone] = rfc3339.exec(created ?? '') ?? [];
  const milliseconds = Date.parse(`${seconds ?? ''}${zone ?? ''}`);
  if (Number.isNaN(milliseconds)) return -62_135_596_800n * 1_000_000_000n;
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}
