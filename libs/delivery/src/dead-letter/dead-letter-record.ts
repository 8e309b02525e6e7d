import { formatPosition } from '@millrace/event';
import type { Position, RawHeader } from '@millrace/event';
import type { ParkingReason } from '../parking/parking-lot';
import { firstOrigin } from './first-origin';
import { lineHeader, linesHeader } from './header-text';

/** A record that a group has given up, and why. */
export interface DeadLetterFailure extends Position {
  readonly group: string;
  /** The record's timestamp, in milliseconds since the epoch. */
  readonly timestampMs: number;
  /** Who set that timestamp, by Kafka's names. Default `CreateTime`, as Kafka's topics have it unless told otherwise. */
  readonly timestampType?: 'CreateTime' | 'LogAppendTime';
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The record's headers in its order. */
  readonly headers: readonly RawHeader[];
  readonly error: { readonly name: string; readonly message: string; readonly stack?: string | undefined };
  /** How often the handler has had it. */
  readonly attempts: number;
  readonly failedAt: Date;
  readonly reason: ParkingReason['kind'];
}

export interface DeadLetterRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly RawHeader[];
}

/** Bounds of what an error says in a header, in bytes. */
export const DEAD_LETTER_BOUNDS = { nameBytes: 256, messageBytes: 1_024, stackBytes: 8_192 } as const;

/**
 * The most that the headers written here add to a record, in bytes of the log: three names, three messages, two stacks, and
 * less than 4 KiB of names, places and numbers. A topic of dead letters must take its sources' largest record and this.
 */
export const MAX_DEAD_LETTER_OVERHEAD_BYTES = 32 * 1_024;

/** Every header of these families is written by whoever publishes the dead letter, and speaks of one failure. */
const FAMILIES = ['kafka_dlt-', '__connect.errors.', 'millrace-dlq-'];

/**
 * The record for a group's topic of dead letters: key and value byte by byte as they were, the original headers in their order,
 * and behind them the failure in three forms: Spring Kafka's (numbers in binary), Kafka Connect's and Millrace's (text).
 *
 * Headers of these three families that the record has already are replaced, whoever wrote them: a record that fails again in
 * a topic of dead letters does not grow, and no name of theirs stands in it twice. Its headers then speak of the last failure,
 * whose record lay in that topic; `millrace-dlq-origin` keeps the place of the first.
 *
 * Texts of the error are bounded (`DEAD_LETTER_BOUNDS`). Nothing of key or value gets into a header by this function.
 */
export function deadLetterRecord(failure: DeadLetterFailure): DeadLetterRecord {
  const { key, value } = failure;
  const original = failure.headers.filter(([name]) => !FAMILIES.some((family) => name.startsWith(family)));
  const error = {
    name: lineHeader(failure.error.name, DEAD_LETTER_BOUNDS.nameBytes),
    message: lineHeader(failure.error.message, DEAD_LETTER_BOUNDS.messageBytes),
    // Both readers expect one: without it, Java's form of an error that has no frames.
    stack: linesHeader(
      failure.error.stack ?? `${failure.error.name}: ${failure.error.message}`,
      DEAD_LETTER_BOUNDS.stackBytes,
    ),
  };
  const headers = [
    ...original,
    ...springHeaders(failure, error),
    ...connectHeaders(failure, error),
    ...ownHeaders(failure, error),
  ];
  return { key, value, headers };
}

interface ErrorHeaders {
  readonly name: Buffer;
  readonly message: Buffer;
  readonly stack: Buffer;
}

/** Names: KafkaHeaders of spring-kafka 4; encodings: its DeadLetterRecordManager (before 4.1 DeadLetterPublishingRecoverer). */
function springHeaders(failure: DeadLetterFailure, error: ErrorHeaders): RawHeader[] {
  return [
    ['kafka_dlt-original-topic', Buffer.from(failure.topic)],
    ['kafka_dlt-original-partition', int32(failure.partition)],
    ['kafka_dlt-original-offset', int64(failure.offset)],
    ['kafka_dlt-original-timestamp', int64(BigInt(failure.timestampMs))],
    ['kafka_dlt-original-timestamp-type', Buffer.from(failure.timestampType ?? 'CreateTime')],
    ['kafka_dlt-original-consumer-group', Buffer.from(failure.group)],
    ['kafka_dlt-exception-fqcn', error.name],
    // Spring names its own wrapper above, and here what the listener threw: its readers look here.
    ['kafka_dlt-exception-cause-fqcn', error.name],
    ['kafka_dlt-exception-message', error.message],
    ['kafka_dlt-exception-stacktrace', error.stack],
  ];
}

/** Names and encodings: Kafka Connect's DeadLetterQueueReporter; without the ones of a connector, a task and a stage. */
function connectHeaders(failure: DeadLetterFailure, error: ErrorHeaders): RawHeader[] {
  return [
    ['__connect.errors.topic', Buffer.from(failure.topic)],
    ['__connect.errors.partition', Buffer.from(String(failure.partition))],
    ['__connect.errors.offset', Buffer.from(String(failure.offset))],
    ['__connect.errors.exception.class.name', error.name],
    ['__connect.errors.exception.message', error.message],
    ['__connect.errors.exception.stacktrace', error.stack],
  ];
}

function ownHeaders(failure: DeadLetterFailure, error: ErrorHeaders): RawHeader[] {
  const texts: Readonly<Record<string, string>> = {
    group: failure.group,
    topic: failure.topic,
    partition: String(failure.partition),
    offset: String(failure.offset),
    timestamp: String(failure.timestampMs),
    attempts: String(failure.attempts),
    reason: failure.reason,
    'failed-at': failure.failedAt.toISOString(),
    origin: firstOrigin(failure.headers) ?? formatPosition(failure),
  };
  return [
    ...Object.entries(texts).map(([name, text]): RawHeader => [`millrace-dlq-${name}`, Buffer.from(text)]),
    ['millrace-dlq-error', error.name],
    ['millrace-dlq-message', error.message],
  ];
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}
