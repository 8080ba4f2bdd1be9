/** Bytes `start` to, not including, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** More ranges than this are nobody's need; such a request gets the whole blob, as RFC 9110 (14.2) allows. */
const maxRanges = 32;

/**
 * The parts of `size` bytes that a Range header asks for: undefined when it is to be ignored (another unit, no
 * grammar, too many or overlapping parts), none when it asks for nothing that there is. Source: RFC 9110 section 14.
 *
 * `500-0` counts as out of range and not as ungrammatical, for the conformance suite of the distribution
 * specification has it so; and an empty blob is sent whole, for clients ask for `0-` of all blobs.
 */
export function parseRanges(header: string | undefined, size: number): readonly ByteRange[] | undefined {
  const [, list] = /^bytes=([\d\s,-]+)$/.exec(header ?? '') ?? [];
  if (list === undefined || size === 0) return undefined;
  const specs = list.split(',').map((spec) => spec.trim());
  if (specs.length > maxRanges) return undefined;
  const ranges: ByteRange[] = [];
  for (const spec of specs) {
    const [, first, last] = /^(\d*)-(\d*)$/.exec(spec) ?? [];
    if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
    const suffix = first === '';
    const start = suffix ? Math.max(size - Number(last), 0) : Number(first);
    const end = suffix || last === '' ? size : Math.min(Number(last) + 1, size);
    if (start < end) ranges.push({ start, end });
  }
  const asked = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  // Ranges that overlap would have us send more than there is.
  return asked > size ? undefined : ranges;
}
