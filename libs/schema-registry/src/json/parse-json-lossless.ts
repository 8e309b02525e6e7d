import { MillraceError } from '@millrace/contracts';

/** How deep objects and arrays may be nested. */
export const maxJsonDepth = 64;

/** A text is not JSON. Says where, never what stood there. Not retriable. */
export class JsonSyntaxError extends MillraceError {
  override readonly name = 'JsonSyntaxError';
  override readonly code = 'JSON_SYNTAX';
  override readonly retriable = false;
}

/** A text nests objects and arrays deeper than `maxJsonDepth`. Not retriable. */
export class JsonTooDeepError extends MillraceError {
  override readonly name = 'JsonTooDeepError';
  override readonly code = 'JSON_TOO_DEEP';
  override readonly retriable = false;

  constructor() {
    super(`JSON nests deeper than ${maxJsonDepth} levels: flatten it, no schema of an event needs that`);
  }
}

type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;

/** Integers of 16 digits are the first that a double may not hold. */
const longDigits = /\d{16}/;
const integer = /^-?\d+$/;

/**
 * `JSON.parse`, except that integers beyond 2^53 become bigint instead of losing digits. Texts without 16 digits in a
 * row take the plain way. Throws JsonSyntaxError and JsonTooDeepError.
 */
export function parseJsonLossless(text: string): unknown {
  // Every level costs two characters: shorter texts cannot be too deep.
  if (text.length > 2 * maxJsonDepth) assertDepth(text);
  try {
    return longDigits.test(text)
      ? JSON.parse(text, keepDigits as (this: unknown, key: string, value: unknown) => unknown)
      : JSON.parse(text);
  } catch (error) {
    throw syntaxError(error);
  }
}

const keepDigits: SourceReviver = (_key, value, { source }) => {
  const lost = typeof value === 'number' && source !== undefined && !Number.isSafeInteger(value);
  return lost && integer.test(source) ? BigInt(source) : value;
};

function assertDepth(text: string): void {
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    switch (text.charCodeAt(index)) {
      case 0x22: // "
        index = endOfString(text, index);
        break;
      case 0x5b: // [
      case 0x7b: // {
        depth += 1;
        if (depth > maxJsonDepth) throw new JsonTooDeepError();
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth -= 1;
        break;
      default:
    }
  }
}

/** Where the string that opens at `start` closes; the end of the text when it does not. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end === -1 ? text.length : end;
}

function isEscaped(text: string, index: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(index - 1 - backslashes) === 0x5c) backslashes += 1;
  return backslashes % 2 === 1;
}

/** V8's message quotes the text around the mistake, so it is kept out, and so is the error itself as a cause. */
function syntaxError(error: unknown): JsonSyntaxError {
  const message = error instanceof Error ? error.message : '';
  const position = /at position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return new JsonSyntaxError(`not valid JSON at character ${position}`);
  const ended = message.startsWith('Unexpected end');
  return new JsonSyntaxError(
    `not valid JSON: ${ended ? 'it ends too early' : 'a character is out of place'}`,
  );
}
