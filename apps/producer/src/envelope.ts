import type { EventAttributes } from '@millrace/event';
import { AttributeReader } from './attributes';
import type { AttributeRules } from './attributes';
import { InvalidEnvelopeError } from './errors';

/** An event as it came in: its attributes, and its data as parsed JSON. */
export interface IncomingEvent {
  readonly attributes: EventAttributes;
  readonly data: unknown;
}

const JSON_MEDIA_TYPE = /^application\/json\s*(;|$)/i;

/** Whether the data of an event can become an Avro record: any other is not JSON, and so has no fields. */
export function isJsonMediaType(mediaType: string): boolean {
  return JSON_MEDIA_TYPE.test(mediaType);
}

/**
 * Reads a CloudEvent in its JSON format, of which only `type` and `data` are required: alone, in a batch or on a line.
 * @throws InvalidEnvelopeError with every problem at once, when it is no such object or cannot be kept as it is.
 */
export function readEventObject(json: unknown, rules: AttributeRules): IncomingEvent {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    const got = Array.isArray(json) ? 'array' : json === null ? 'null' : typeof json;
    throw new InvalidEnvelopeError([{ path: '', expected: 'an event object with type and data', got }]);
  }
  const fields = json as Record<string, unknown>;
  const reader = new AttributeReader(rules, '/');
  for (const name of Object.keys(fields)) {
    switch (name) {
      case 'type':
      case 'data':
        break;
      case 'specversion':
        if (fields[name] !== '1.0') reader.refuse(name, '"1.0"', 'something else');
        break;
      case 'datacontenttype':
        checkDataContentType(fields[name], reader);
        break;
      case 'data_base64':
        reader.refuse(
          name,
          'the payload as JSON under data: it becomes an Avro record, and bytes have no fields',
          'bytes',
        );
        break;
      default:
        reader.take(name, fields[name]);
    }
  }
  const { type, data } = fields;
  if (typeof type !== 'string') reader.refuse('type', 'the name of an event type', typeof type);
  if (data === undefined) reader.refuse('data', 'the payload', 'nothing');
  return { attributes: reader.finish(typeof type === 'string' ? type : ''), data };
}

function checkDataContentType(value: unknown, reader: AttributeReader): void {
  if (value === null || (typeof value === 'string' && isJsonMediaType(value))) return;
  reader.refuse('datacontenttype', 'application/json: the payload becomes an Avro record', 'something else');
}
