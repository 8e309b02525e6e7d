import { toJson } from '@millrace/contracts';
import type { StampedEvent } from '../stamp-event';

/**
 * An event as the producer takes it: a CloudEvent in its JSON format, in which longs keep their digits and bytes are base64.
 * @throws TypeError or RangeError for a value that has no JSON form, such as a function or an invalid Date.
 */
export function printEvent({ extensions, ...attributes }: StampedEvent, value: unknown): string {
  return JSON.stringify({ ...extensions, specversion: '1.0', ...attributes, data: toJson(value) });
}
