import {
  findExtensionFaults,
  isAttributeText,
  isSampledTrace,
  isTraceparent,
  maxAttributeLength,
} from '@millrace/event';
import { OutboxAttributeError } from './errors';

/** Of `subject`, `traceparent` and `extensions`, what a row keeps. */
export interface CheckedAttributes {
  readonly id: string;
  readonly source: string;
  readonly time: Date;
  readonly subject: string | null;
  readonly traceparent: string | null;
  /** JSON. */
  readonly extensions: string | null;
}

/** The attributes that every event has, and those that it may have, in a form that the relay will take. @throws OutboxAttributeError */
export function checkAttributes(attributes: {
  readonly id: string;
  readonly source: string;
  readonly time: Date;
  readonly subject?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly extensions?: Readonly<Record<string, string>> | undefined;
}): CheckedAttributes {
  const { id, time, subject, traceparent, extensions = {} } = attributes;
  if (traceparent !== undefined && !isTraceparent(traceparent)) {
    throw new OutboxAttributeError('traceparent', 'a W3C traceparent');
  }
  if (Number.isNaN(time.getTime()) || time.getUTCFullYear() < 0 || time.getUTCFullYear() > 9999) {
    throw new OutboxAttributeError('time', 'a Date of the years 0 to 9999');
  }
  const [fault] = findExtensionFaults(extensions);
  if (fault !== undefined)
    throw new OutboxAttributeError(fault.name === '' ? 'extensions' : fault.name, fault.expected);
  return {
    id: text('id', id),
    source: checkSource(attributes.source),
    time,
    subject: subject === undefined ? null : text('subject', subject),
    traceparent: traceparent !== undefined && isSampledTrace(traceparent) ? traceparent : null,
    extensions: Object.keys(extensions).length === 0 ? null : JSON.stringify(extensions),
  };
}

/** @throws OutboxAttributeError */
export function checkSource(source: string): string {
  if (source.includes(' ')) throw new OutboxAttributeError('source', 'a URI reference without spaces');
  return text('source', source);
}

function text(name: string, value: string): string {
  if (value.length > 0 && value.length <= maxAttributeLength && isAttributeText(value)) return value;
  throw new OutboxAttributeError(
    name,
    `1 to ${maxAttributeLength} whole Unicode characters, none of them a control character`,
  );
}
