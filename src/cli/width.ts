// East Asian Wide and Fullwidth (Unicode Standard Annex 11), in ranges that also cover the few unassigned points
// between them, and the emoji that terminals draw two cells wide.
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const invisible = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/**
 * The cells that `text` takes on a terminal. Docker counts every code point as one cell, so that its columns shift
 * behind Chinese, Japanese and Korean text; here they stay aligned.
 */
export function displayWidth(text: string): number {
  // All ASCII, which is the common case, has one cell each.
  if (/^[\x00-\x7f]*$/.test(text)) return text.length;
  return Array.from(text).reduce((cells, char) => {
    return cells + (invisible.test(char) ? 0 : wide.test(char) ? 2 : 1);
  }, 0);
}
