import type { Catalogue, EventType } from '@millrace/contracts';
import { byteRangeOf } from '@millrace/event';
import type { ByteRange } from '@millrace/event';
import {
  NotConfluentFramedError,
  SchemaNotFoundError,
  SchemaNotLoadedError,
  SchemaNotRegisteredError,
  UnknownEventTypeError,
} from '../errors';
import type { RegistryClient } from '../registry/registry-client';
import { encodeEvent } from './encode-event';
import { makeEventReader } from './event-reader';
import type { EventReader } from './event-reader';
import { readSchemaId } from './framing';
import { checkUpcasters } from './upcast-event';
import { WriterSchemas } from './writer-schemas';

/** A record's value: in a buffer of its own, or where it lies among others. */
export type RecordValue = Buffer | ByteRange;

/** A record's value after decoding: which event it is, as the generated contract has it. */
export interface DecodedEvent<T = unknown> {
  readonly eventType: EventType<T>;
  readonly value: T;
  /** Of the schema that it was written with. */
  readonly schemaId: number;
}

export interface EventCodecOptions {
  /** Writer schemas kept in memory, and readers kept for each topic. Default 1,000. */
  readonly maxSchemas?: number;
}

/**
 * Turns events into record values and back, in Confluent's framing. Encoding and decoding are synchronous and touch no
 * network: `prepare` learns what encoding needs, `ensureDecodable` what a batch needs. What is known goes on working
 * while the registry is down. Safe to share.
 */
export class EventCodec {
  readonly #catalogue: Catalogue;
  readonly #registry: RegistryClient;
  readonly #writers: WriterSchemas;
  readonly #maxSchemas: number;
  readonly #schemaIds = new Map<string, number>();
  /** Readers of the registered schemas of our own event types, by topic and schema id. */
  readonly #own = new Map<string, Map<number, EventReader>>();
  readonly #others = new Map<string, Map<number, EventReader>>();

  /** @throws UnknownUpcasterError */
  constructor(catalogue: Catalogue, registry: RegistryClient, options: EventCodecOptions = {}) {
    checkUpcasters(catalogue);
    this.#catalogue = catalogue;
    this.#registry = registry;
    this.#maxSchemas = options.maxSchemas ?? 1_000;
    this.#writers = new WriterSchemas(registry, this.#maxSchemas);
  }

  /**
   * Looks up the schema id of every event type of the catalogue; registers nothing. Idempotent. Throws
   * SchemaNotRegisteredError (SCHEMA_NOT_REGISTERED) that names every missing subject, SchemaUnreadableError for an
   * event type that cannot be compiled, and RegistryUnreachableError.
   */
  async prepare(): Promise<void> {
    const found = await Promise.all(
      this.#catalogue.events.map(async (event) => {
        const registered = await this.#registry.lookUp(event.subject, event.schema);
        return { event, registered };
      }),
    );
    const missing = found.filter(({ registered }) => registered === undefined);
    if (missing.length > 0) {
      throw new SchemaNotRegisteredError(
        missing.map(({ event }) => event.subject),
        this.#registry.url,
      );
    }
    for (const { event, registered } of found) {
      if (registered === undefined) continue;
      const written = { topic: event.topic, schemaId: registered.id, schema: registered };
      const reader = makeEventReader(this.#catalogue, written);
      if ('error' in reader) throw reader.error();
      mapOf(this.#own, event.topic).set(registered.id, reader);
      this.#schemaIds.set(event.type, registered.id);
    }
  }

  /** Framed Avro. Throws InvalidEventError with every problem, and UnknownEventTypeError before `prepare`. */
  encode<T>(eventType: EventType<T>, value: T): Buffer {
    const schemaId = this.#schemaIds.get(eventType.type);
    if (schemaId === undefined) throw new UnknownEventTypeError(eventType.type);
    return encodeEvent(eventType, schemaId, value);
  }

  /**
   * Fetches what decoding these values of one topic needs; quick and without I/O when nothing is missing. Call it once
   * for each batch. Null values and values that cannot be decoded are passed over: `decode` says what is wrong with
   * each. Rejects only with RegistryUnreachableError and RegistryRefusedError, which concern the whole batch.
   */
  async ensureDecodable(topic: string, values: readonly (RecordValue | null)[]): Promise<void> {
    let missing: Set<number> | undefined;
    let lastId = -1;
    for (const value of values) {
      const schemaId = value === null ? undefined : readSchemaId(rangeOf(value));
      if (schemaId === undefined || schemaId === lastId) continue;
      lastId = schemaId;
      if (this.#reader(topic, schemaId) === undefined) (missing ??= new Set()).add(schemaId);
    }
    if (missing === undefined) return;
    await this.#writers.load(missing);
    const readers = mapOf(this.#others, topic);
    if (readers.size + missing.size > this.#maxSchemas) keepOnly(readers, values);
    for (const schemaId of missing) this.#addReader(readers, topic, schemaId);
  }

  /**
   * Decodes one value of a topic into the generated contract's shape, whatever version it was written with.
   *
   * Throws, by code: SCHEMA_NOT_FRAMED, SCHEMA_NOT_FOUND, SCHEMA_UNREADABLE, EVENT_TYPE_UNEXPECTED and EVENT_CORRUPT for
   * records that nobody can read, EVENT_NOT_UPCAST for one that its upcasters cannot lift; SCHEMA_NOT_LOADED when `ensureDecodable` was left out.
   */
  decode(topic: string, value: RecordValue): DecodedEvent {
    const range = rangeOf(value);
    const schemaId = readSchemaId(range);
    if (schemaId === undefined) throw new NotConfluentFramedError({ topic }, range.to - range.from);
    const reader = this.#reader(topic, schemaId);
    if (reader === undefined) throw this.#missing(topic, schemaId);
    if ('error' in reader) throw reader.error();
    return { eventType: reader.eventType, value: reader.decode(range), schemaId };
  }

  #reader(topic: string, schemaId: number): EventReader | undefined {
    return this.#own.get(topic)?.get(schemaId) ?? this.#others.get(topic)?.get(schemaId);
  }

  #addReader(readers: Map<number, EventReader>, topic: string, schemaId: number): void {
    const writer = this.#writers.get(schemaId);
    if (writer?.found === true) {
      readers.set(schemaId, makeEventReader(this.#catalogue, { topic, schemaId, schema: writer.schema }));
    }
  }

  #missing(topic: string, schemaId: number): SchemaNotFoundError | SchemaNotLoadedError {
    const place = { topic, schemaId, registry: this.#registry.url };
    const known = this.#writers.get(schemaId);
    return known?.found === false ? new SchemaNotFoundError(place) : new SchemaNotLoadedError(place);
  }
}

function rangeOf(value: RecordValue): ByteRange {
  return Buffer.isBuffer(value) ? byteRangeOf(value) : value;
}

/** Makes room, but never at the cost of the batch that is about to be decoded. */
function keepOnly(readers: Map<number, EventReader>, values: readonly (RecordValue | null)[]): void {
  const inBatch = new Set(values.map((value) => (value === null ? undefined : readSchemaId(rangeOf(value)))));
  for (const schemaId of readers.keys()) {
    if (!inBatch.has(schemaId)) readers.delete(schemaId);
  }
}

function mapOf<V>(maps: Map<string, Map<number, V>>, topic: string): Map<number, V> {
  const map = maps.get(topic) ?? new Map<number, V>();
  maps.set(topic, map);
  return map;
}
