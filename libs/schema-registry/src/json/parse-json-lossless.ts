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

/** Integers of so many digits are the first that a double may not hold. */
const LONG_DIGITS = 16;
const integer = /^-?\d+$/;

/**
 * `JSON.parse`, except that integers beyond 2^53 become bigint instead of losing digits. Texts without 16 digits in a
 * row take the plain way. Throws JsonSyntaxError and JsonTooDeepError.
 */
export function parseJsonLossless(text: string): unknown {
  // Every level costs two characters: shorter texts cannot be too deep.
  if (text.length > 2 * maxJsonDepth) assertDepth(text);
  try {
    return hasLongDigits(text)
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

/** Whether a text has 16 digits in a row: one of them stands at every 16th place. */
function hasLongDigits(text: string): boolean {
  for (let index = LONG_DIGITS - 1; index < text.length; index += LONG_DIGITS) {
    if (!isDigit(text, index)) continue;
    let from = index;
    let to = index + 1;
    while (from > 0 && isDigit(text, from - 1)) from -= 1;
    while (to < text.length && isDigit(text, to)) to += 1;
    if (to - from >= LONG_DIGITS) return true;
  }
  return false;
}

function isDigit(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0x30 && unit <= 0x39;
}

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
