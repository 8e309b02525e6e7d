/** An Avro record schema as parsed JSON, complete in itself: every named type is defined where it is first used. */
export interface AvroRecordSchema {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly fields: readonly Readonly<Record<string, unknown>>[];
  readonly [attribute: string]: unknown;
}

/**
 * One event type of one topic, generated from its Avro schema. `T` is the shape of a decoded value.
 *
 * How Avro's types appear in `T`: int, float, double and time-millis are `number`; long, timestamp-micros,
 * local-timestamp-micros (microseconds since the epoch) and time-micros are `bigint`; timestamp-millis and
 * local-timestamp-millis are `Date`; date is a string `YYYY-MM-DD`; decimal is a string with exactly `scale` digits
 * after the point; string and uuid are strings; bytes and fixed are `Uint8Array` (a `Buffer` when decoded); an enum is
 * a union of string literals; a map is a record of strings; a union is a union of these. The reasons stand in
 * docs/adr/0004-schema-subjects-and-value-mapping.md.
 */
export interface EventType<T = unknown> {
  /** The record's full name, such as `flights.FlightDeparted`; also the CloudEvents `type`. */
  readonly type: string;
  readonly topic: string;
  /** TopicRecordNameStrategy: `<topic>-<full name>`. */
  readonly subject: string;
  /** The field whose value becomes the record's key; undefined for a topic without keys. */
  readonly keyField: string | undefined;
  readonly schema: AvroRecordSchema;
  /** Never set: it carries the type of the value to the compiler. */
  readonly $value?: T;
}

/** The shape of the values of an event type: `EventValue<typeof FlightDeparted>` is `FlightDeparted`. */
export type EventValue<E extends EventType> = E extends EventType<infer T> ? T : never;
