import { JsonSyntaxError } from '@millrace/schema-registry';
import { BatchTooLargeError } from '../request-errors';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const WHITE_SPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);

/**
 * Cuts the text of a JSON array into the texts of its elements, without parsing them: so each can have limits and problems
 * of its own, and what is parsed is never more than one. If every element is JSON, so is the whole.
 * @throws JsonSyntaxError when it is not an array, or does not end where it should.
 * @throws BatchTooLargeError when there are more than `maxElements`.
 */
export function splitJsonArray(text: Buffer, maxElements: number): Buffer[] {
  const elements: Buffer[] = [];
  const start = skipWhiteSpace(text, 0);
  if (text[start] !== 0x5b) throw new JsonSyntaxError('a batch is a JSON array of events, and this is none');
  const add = (from: number, to: number): void => {
    if (elements.length === maxElements) throw new BatchTooLargeError(maxElements);
    elements.push(text.subarray(from, to));
  };
  let depth = 1;
  let from = start + 1;
  for (let at = from; at < text.length; at += 1) {
    const byte = text[at] ?? 0;
    if (byte === QUOTE) at = endOfString(text, at);
    else if (byte === 0x5b || byte === 0x7b) depth += 1;
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    else if (byte === COMMA && depth === 1) {
      add(from, at);
      from = at + 1;
    }
    if (depth > 0) continue;
    if (byte !== 0x5d || skipWhiteSpace(text, at + 1) < text.length) break;
    // `[]` has no element; `[1,]` has an empty second one, which is not JSON.
    if (elements.length > 0 || skipWhiteSpace(text, from) < at) add(from, at);
    return elements;
  }
  throw new JsonSyntaxError('the array of the batch is not closed, or something follows it');
}

function skipWhiteSpace(text: Buffer, from: number): number {
  let at = from;
  while (at < text.length && WHITE_SPACE.has(text[at] ?? 0)) at += 1;
  return at;
}

/** Where the string that opens at `start` closes; the end of the text when it does not. */
function endOfString(text: Buffer, start: number): number {
  // Byte by byte: names and values are short, and a search by Buffer.indexOf for each costs ten times as much.
  for (let at = start + 1; at < text.length; at += 1) {
    const byte = text[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at += 1;
  }
  return text.length;
}
