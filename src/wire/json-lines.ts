import { GantryError } from '#errors';

/** Progress and events stay below a few kB a line, a line of build output may hold a whole file's text. */
const maxLineBytes = 4 * 1024 * 1024;

/**
 * The JSON values of a stream that carries one a line (`\n` or `\r\n`), as they arrive. Blank lines are skipped;
 * a last line needs no line feed. Memory is bounded by one line.
 *
 * @throws corrupt `json-lines` on a line that is no JSON or is longer than 4 MiB
 */
export async function* readJsonLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator {
  const decoder = new TextDecoder();
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (): string => {
    const text = decoder.decode(Buffer.concat(parts));
    parts = [];
    length = 0;
    return text;
  };
  for await (const chunk of stream) {
    let begin = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, begin);
      const part = chunk.subarray(begin, end === -1 ? chunk.length : end);
      length += part.length;
      if (length > maxLineBytes) throw notJson(`a line is longer than ${maxLineBytes} bytes`);
      parts.push(part);
      if (end === -1) break;
      begin = end + 1;
      yield* parseLine(take());
    }
  }
  yield* parseLine(take());
}

function* parseLine(line: string): Generator {
  if (line.trim() === '') return;
  try {
    yield JSON.parse(line) as unknown;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw notJson(`"${line.slice(0, 80)}" is not JSON`, error);
  }
}

function notJson(what: string, cause?: unknown): GantryError {
  return new GantryError('corrupt', 'json-lines', `the stream cannot be read: ${what}`, { cause });
}
