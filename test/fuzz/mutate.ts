/** Bytes that fields often mean something by: ends, signs, quotes, digits at their limits. */
const interesting = [
  '\0',
  '\xff',
  '"',
  '\\',
  '/',
  '..',
  '{',
  '[',
  ':',
  '=',
  '\n',
  '9'.repeat(20),
  '-1',
  '%',
  '\u{1f600}',
];

/** A copy of `seed` with one to eight changes; `random` gives 0 up to, not including, 1. */
export function mutate(seed: Uint8Array, random: () => number): Uint8Array {
  let bytes = Buffer.from(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  for (let changes = 1 + below(8); changes > 0; changes--) {
    const at = below(bytes.length + 1);
    const length = below(16);
    const word = Buffer.from(interesting[below(interesting.length)] ?? '');
    switch (below(6)) {
      case 0:
        if (at < bytes.length) bytes[at]! ^= 1 << below(8);
        break;
      case 1:
        if (at < bytes.length) bytes[at] = below(256);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), word, bytes.subarray(at)]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
        break;
      case 4:
        bytes = Buffer.concat([
          bytes.subarray(0, at),
          bytes.subarray(below(at + 1), at + length),
          bytes.subarray(at),
        ]);
        break;
      case 5:
        bytes = Buffer.from(bytes.subarray(0, at));
    }
  }
  return bytes.subarray(0, 1 << 20);
}
