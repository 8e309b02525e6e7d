import { NotAnEventError } from './errors';
import type { LogRecord } from './log-record';

/** What every event says about itself, beside its payload. */
export interface EventAttributes {
  /** Unique within the source. (topic, source, id) is the identity: the same identity again is a repeat. */
  readonly id: string;
  /** Who says it, a URI reference. */
  readonly source: string;
  /** The event type's full name. */
  readonly type: string;
  /** When it happened. */
  readonly time: Date;
  readonly subject?: string;
  /** W3C trace context, present when the trace is sampled. */
  readonly traceparent?: string;
}

/** An event's attributes with its place in the log. */
export interface EventMetadata extends EventAttributes {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The record's key, or `null` for a record without one. */
  readonly key: string | null;
}

const SPEC_VERSION = Buffer.from('1.0');
const CONTENT_TYPE = Buffer.from('application/avro');
const encodedConstants = new Map<string, Buffer>();

/** Types and sources repeat on every record of a stream; encoding them once keeps them off the hot path. */
function encodeConstant(text: string): Buffer {
  let encoded = encodedConstants.get(text);
  if (encoded === undefined) {
    if (encodedConstants.size >= 10_000) encodedConstants.clear();
    encoded = Buffer.from(text);
    encodedConstants.set(text, encoded);
  }
  return encoded;
}

/**
 * The headers of an event's record. Source: CloudEvents 1.0.2, Kafka protocol binding, section 3.2 (binary mode).
 */
export function encodeEventHeaders(event: EventAttributes): Record<string, Buffer | string> {
  const headers: Record<string, Buffer | string> = {
    ce_specversion: SPEC_VERSION,
    ce_id: event.id,
    ce_type: encodeConstant(event.type),
    ce_source: encodeConstant(event.source),
    ce_time: event.time.toISOString(),
    'content-type': CONTENT_TYPE,
  };
  if (event.subject !== undefined) headers['ce_subject'] = event.subject;
  if (event.traceparent !== undefined) headers['traceparent'] = event.traceparent;
  return headers;
}

/**
 * The identity of a record within its topic: source and id.
 * @throws NotAnEventError when either header is missing.
 */
export function readIdentity(record: LogRecord): string {
  const id = record.header('ce_id');
  const source = record.header('ce_source');
  if (id === undefined || source === undefined) {
    throw new NotAnEventError(record, missingHeaders({ ce_id: id, ce_source: source }));
  }
  return `${source}\n${id}`;
}

/**
 * The attributes of an event and its place in the log. A record without `ce_time` takes the record's timestamp.
 * @throws NotAnEventError when `ce_id`, `ce_source` or `ce_type` is missing.
 */
export function readEventMetadata(record: LogRecord): EventMetadata {
  const id = record.header('ce_id');
  const source = record.header('ce_source');
  const type = record.header('ce_type');
  if (id === undefined || source === undefined || type === undefined) {
    throw new NotAnEventError(record, missingHeaders({ ce_id: id, ce_source: source, ce_type: type }));
  }
  const time = record.header('ce_time');
  const subject = record.header('ce_subject');
  const traceparent = record.header('traceparent');
  return {
    id,
    source,
    type,
    time: new Date(time ?? record.timestampMs),
    topic: record.topic,
    partition: record.partition,
    offset: record.offset,
    key: record.key === null ? null : record.key.toString('utf8'),
    ...(subject === undefined ? {} : { subject }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
}

function missingHeaders(headers: Record<string, string | undefined>): string[] {
  return Object.keys(headers).filter((name) => headers[name] === undefined);
}
