import type { EventType } from '@millrace/contracts';
import { InvalidEventError } from './errors';

/**
 * The key of a valid value of an event type: the text of its key field, or `null` for a topic without keys. The same for
 * every way into the log, because the key decides the partition. Throws InvalidEventError for a key that is empty.
 */
export function eventKey(type: EventType, value: unknown): string | null {
  if (type.keyField === undefined) return null;
  const key = String((value as Record<string, unknown>)[type.keyField]);
  if (key.length > 0) return key;
  const problem = {
    path: `/${type.keyField}`,
    expected: 'a key of at least 1 character',
    got: 'empty string',
  };
  throw new InvalidEventError({ topic: type.topic, type: type.type }, [problem]);
}
