import { NotAnEventError } from './errors';
import { isoTime } from './iso-time';
import { textOf } from './log-record';
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
  /** Every other CloudEvents attribute, by its name and as text: extensions, and `dataschema`. Kept as `ce_<name>`. */
  readonly extensions?: Readonly<Record<string, string>>;
}

/** An event's attributes with its place in the log. Read from the record when asked for: a copy by spread lacks what was not. */
export interface EventMetadata extends Omit<EventAttributes, 'extensions' | 'subject' | 'traceparent'> {
  readonly subject?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  /** The record's key, or `null` for a record without one. */
  readonly key: string | null;
  /** An extension attribute as text, such as `partitionkey`; undefined when the event has none of that name. */
  extension(name: string): string | undefined;
}

/** The headers of an event's record, by their names. */
export interface EventHeaders {
  /** Those that the events of one type and source have in common: the same frozen object for all of them. */
  readonly sharedHeaders: Readonly<Record<string, string>>;
  /** Those of this event alone. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What makes a record an event. */
const NEEDED = ['ce_id', 'ce_source', 'ce_type'] as const;

const MAX_SOURCES = 1_000;
/** By type, then by source. */
const shared = new Map<string, Map<string, Readonly<Record<string, string>>>>();

/** Types and sources repeat on every record of a stream: one object for each pair can be encoded once. */
function sharedHeaders(type: string, source: string): Readonly<Record<string, string>> {
  let ofType: Map<string, Readonly<Record<string, string>>> | undefined = shared.get(type);
  if (ofType === undefined) {
    ofType = new Map();
    shared.set(type, ofType);
  }
  let headers = ofType.get(source);
  if (headers === undefined) {
    headers = Object.freeze({
      ce_specversion: '1.0',
      ce_type: type,
      ce_source: source,
      'content-type': 'application/avro',
    });
    // Clients choose their sources: there may be any number of them. Types are those of the catalogue.
    if (ofType.size >= MAX_SOURCES) ofType.clear();
    ofType.set(source, headers);
  }
  return headers;
}

/**
 * The headers of an event's record. Source: CloudEvents 1.0.2, Kafka protocol binding, section 3.2 (binary mode).
 */
export function encodeEventHeaders(event: EventAttributes): EventHeaders {
  const headers: Record<string, string> = { ce_id: event.id, ce_time: isoTime(event.time) };
  if (event.subject !== undefined) headers['ce_subject'] = event.subject;
  if (event.traceparent !== undefined) headers['traceparent'] = event.traceparent;
  if (event.extensions !== undefined) {
    for (const [name, value] of Object.entries(event.extensions)) headers[`ce_${name}`] = value;
  }
  return { sharedHeaders: sharedHeaders(event.type, event.source), headers };
}

/** What two events of one topic have in common when they are the same event. */
export function identityOf({ source, id }: { readonly source: string; readonly id: string }): string {
  return `${source}\n${id}`;
}

/** The identity of a record within its topic; undefined for one that is no event, because it lacks a source or an id. */
export function findIdentity(record: LogRecord): string | undefined {
  const id = record.header('ce_id');
  const source = record.header('ce_source');
  return id === undefined || source === undefined ? undefined : identityOf({ source, id });
}

/**
 * The attributes of an event and its place in the log. A record without `ce_time` takes the record's timestamp.
 * @throws NotAnEventError when `ce_id`, `ce_source` or `ce_type` is missing.
 */
export function readEventMetadata(record: LogRecord): EventMetadata {
  if (record.hasHeaders(NEEDED)) return new RecordMetadata(record);
  throw new NotAnEventError(
    record,
    NEEDED.filter((name) => record.headerBytes(name) === undefined),
  );
}

/** Read when asked for: most handlers look at the payload alone. */
class RecordMetadata implements EventMetadata {
  readonly #record: LogRecord;
  #id: string | undefined;

  constructor(record: LogRecord) {
    this.#record = record;
  }

  get id(): string {
    return (this.#id ??= this.#needed('ce_id'));
  }

  get source(): string {
    return this.#needed('ce_source');
  }

  get type(): string {
    return this.#needed('ce_type');
  }

  get topic(): string {
    return this.#record.topic;
  }

  get partition(): number {
    return this.#record.partition;
  }

  get offset(): bigint {
    return this.#record.offset;
  }

  get key(): string | null {
    const key = this.#record.keyBytes();
    return key === null ? null : textOf(key);
  }

  get time(): Date {
    return new Date(this.#record.header('ce_time') ?? this.#record.timestampMs);
  }

  get subject(): string | undefined {
    return this.#record.header('ce_subject');
  }

  get traceparent(): string | undefined {
    return this.#record.header('traceparent');
  }

  extension(name: string): string | undefined {
    return this.#record.header(`ce_${name}`);
  }

  #needed(name: (typeof NEEDED)[number]): string {
    return this.#record.header(name) ?? '';
  }
}
