/**
 * A line of the log for people: `2026-11-21T15:04:05.123Z INFO  message  key=value`. What a client sent cannot begin
 * a line or move a cursor: control characters are escaped.
 */
export function logText(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${show(value)}`);
  const head = `${show(time)} ${show(level).toUpperCase().padEnd(5)}`;
  return `${[`${head} ${escapeControls(String(msg))}`, ...pairs].join('  ')}\n`;
}

function show(value: unknown): string {
  if (Array.isArray(value)) return value.map(show).join(',');
  const text = String(value);
  return /^[\x21\x23-\x7e]+$/.test(text) ? text : escapeControls(JSON.stringify(text));
}

/** C0 and C1 controls, and DEL, as JSON escapes them. */
function escapeControls(text: string): string {
  return text.replaceAll(
    /[\0-\x1f\x7f-\x9f]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
