/** A byte string of a TarEntry as text. Bytes that are not UTF-8 become U+FFFD: for display, not for paths. */
export function utf8Name(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}

/** Text as the byte string that a TarEntry holds: its UTF-8 bytes, one character each. */
export function byteName(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
