import { isUtf8 } from 'node:buffer';
import { JsonSyntaxError, parseJsonLossless } from '@millrace/schema-registry';

/**
 * Parses a body or a line, with every digit of its numbers.
 * @throws JsonSyntaxError, also for bytes that are not UTF-8: read as text they would be other characters.
 * @throws JsonTooDeepError
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new JsonSyntaxError('The JSON is not encoded in UTF-8.');
  return parseJsonLossless(bytes.toString('utf8'));
}
