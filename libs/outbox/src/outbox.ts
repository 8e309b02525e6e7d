import { randomUUID } from 'node:crypto';
import type { EventType } from '@millrace/contracts';
import { eventKey, writeJsonPayload } from '@millrace/schema-registry';
import { checkAttributes, checkSource } from './attributes';
import { OutboxEventTooLargeError, OutboxNotInstalledError, OutboxOutsideTransactionError } from './errors';
import type { OutboxTransaction } from './transaction';

export interface OutboxOptions {
  /** CloudEvents source of events that are appended without one: a URI reference that names the service, such as `/gate`. */
  readonly source: string;
  /** Most bytes of an event's data as JSON. Default 900,000: the relay's MAX_EVENT_BYTES. */
  readonly maxEventBytes?: number;
}

/** What an event says about itself beside its data; all of it is fixed when it is appended. */
export interface OutboxAttributes {
  /** Default a new UUID. (topic, source, id) is the event's identity. */
  readonly id?: string;
  /** Default the outbox's source. */
  readonly source?: string;
  /** When it happened. Default now. */
  readonly time?: Date;
  readonly subject?: string;
  /** W3C trace context; kept when the trace is sampled. */
  readonly traceparent?: string;
  /** Extension attributes by their names: at most 20, of 4,096 bytes in all. */
  readonly extensions?: Readonly<Record<string, string>>;
}

/** The identity under which an event will be in its topic. */
export interface AppendedEvent {
  readonly topic: string;
  readonly source: string;
  readonly id: string;
}

const APPEND = `SELECT millrace_outbox.append(
  event_topic => $1, event_key => $2, event_type => $3, event_id => $4, event_source => $5, event_data => $6,
  event_time => $7, event_subject => $8, event_traceparent => $9, event_extensions => $10,
  after_writing => $11::xid8 IS NULL, within => $11) AS value`;
const TRANSACTION_ID = 'SELECT pg_current_xact_id()::text AS value';

/**
 * Appends events in the transactions of a service. Safe to share.
 *
 * When the transaction commits, the relay publishes the event: at least once, always with the same identity, and per key in
 * the order of the commits. When it does not commit, nothing is published.
 */
export class Outbox {
  private readonly source: string;
  private readonly maxEventBytes: number;

  /** @throws OutboxAttributeError (OUTBOX_ATTRIBUTE_INVALID) for a source that is none. */
  constructor({ source, maxEventBytes = 900_000 }: OutboxOptions) {
    this.source = checkSource(source);
    this.maxEventBytes = maxEventBytes;
  }

  /**
   * Appends one event within an open transaction, in one round trip; in three, where the transaction has written nothing before:
   * then it is made sure that there is one. Waits while another open transaction has appended an
   * event of the same topic and key: append late, and where a transaction appends events of several keys, in the order of
   * the keys, or PostgreSQL may have to end one of two as a deadlock (40P01).
   *
   * Let what it throws end the transaction. Before anything is sent: EVENT_INVALID with every path that breaks the schema,
   * OUTBOX_ATTRIBUTE_INVALID, OUTBOX_EVENT_TOO_LARGE. From the database: OUTBOX_OUTSIDE_TRANSACTION, OUTBOX_NOT_INSTALLED,
   * or its own error.
   */
  async append<T>(
    tx: OutboxTransaction,
    type: EventType<T>,
    value: T,
    attributes: OutboxAttributes = {},
  ): Promise<AppendedEvent> {
    const data = writeJsonPayload(type, value);
    const sizeBytes = Buffer.byteLength(data);
    if (sizeBytes > this.maxEventBytes) {
      throw new OutboxEventTooLargeError(type.type, sizeBytes, this.maxEventBytes);
    }
    const { id, source, time, subject, traceparent, extensions } = checkAttributes({
      id: attributes.id ?? randomUUID(),
      source: attributes.source ?? this.source,
      time: attributes.time ?? new Date(),
      subject: attributes.subject,
      traceparent: attributes.traceparent,
      extensions: attributes.extensions,
    });
    const { topic } = type;
    const key = eventKey(type, value);
    const envelope = [time.toISOString(), subject, traceparent, extensions];
    const values = [topic, key, type.type, id, source, data, ...envelope];
    try {
      const number = await ask(tx, APPEND, [...values, null]);
      if (number === null) await ask(tx, APPEND, [...values, await ask(tx, TRANSACTION_ID, [])]);
    } catch (error) {
      throw explain(error);
    }
    return { topic, source, id };
  }
}

async function ask(tx: OutboxTransaction, statement: string, values: unknown[]): Promise<unknown> {
  const { rows } = await tx.query(statement, values);
  const [row] = rows;
  // Without its answer it could not be told whether the event is there.
  if (row === undefined) throw new TypeError('query must resolve with the rows of the statement');
  return (row as { readonly value?: unknown }).value;
}

/** SQLSTATEs that say that the outbox is used in a wrong way; what else the database says is the caller's. */
function explain(error: unknown): unknown {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === '25P01') return new OutboxOutsideTransactionError(error);
  // Neither the schema nor the function, or none with these parameters.
  if (code === '3F000' || code === '42883') return new OutboxNotInstalledError(error);
  return error;
}
