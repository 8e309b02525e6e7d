import type { AttributeRules } from './attributes';
import { parseJsonBody } from './body/json-body';
import { readEventObject } from './envelope';
import type { IncomingEvent } from './envelope';
import { EventTooLargeError } from './errors';

/**
 * Reads one event from its JSON text, as it stands in a body, in a batch or on a line; undefined for one that was too long
 * to be kept.
 * @throws EventTooLargeError, JsonSyntaxError, JsonTooDeepError, InvalidEnvelopeError
 */
export function readEventText(
  text: Buffer | undefined,
  options: { readonly rules: AttributeRules; readonly maxBytes: number },
): IncomingEvent {
  if (text === undefined || text.length > options.maxBytes) throw new EventTooLargeError(options.maxBytes);
  return readEventObject(parseJsonBody(text), options.rules);
}
