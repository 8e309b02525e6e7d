import { setTimeout as sleep } from 'node:timers/promises';
import { fullJitterMs } from '@millrace/delivery';
import type { LogRecord } from '@millrace/event';
import type { Kafka } from 'kafkajs';
import { KafkaUnavailableError } from './errors';
import { fetchRanges } from './fetch-ranges';
import { RangeCursor } from './range-cursor';
import type { LogRange } from './range-cursor';
import { RangeNotInLogError } from './range-not-in-log-error';
import { withCluster } from './with-cluster';
import { rootCause } from './write-failure';

export interface ReadRangeOptions {
  /** A range without an end goes on as the log grows, until the signal aborts. Default false. */
  readonly follow?: boolean;
  /** Ends the reading; the iteration then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** How long the brokers may fail in one go before the reading gives up. Default 30,000 ms. */
  readonly patienceMs?: number;
}

const RETRY = { initialMs: 50, maxMs: 2_000 };

/**
 * The records of one or several ranges, read committed: in the order of their offsets within a partition, in any order
 * between partitions. Markers and aborted records are left out; an end that lies in a gap is an end. A range without an
 * end goes to what can be read when the reading begins. A range that ends beyond that waits until the log gets there, and so
 * does one that reaches into a transaction which is still open.
 *
 * It is read no faster than the records are taken: two answers of at most 4 MiB for each broker are held (one batch that is
 * larger is held whole). No consumer group is joined and nothing is committed.
 *
 * Brokers that fail are asked again, and nothing is given twice. Leave the iteration, or abort, and its connections are closed.
 * @throws RangeNotInLogError when the log does not hold the beginning, or retention overtakes the reading.
 * @throws TopicNotFoundError
 * @throws KafkaUnavailableError when nobody has answered for `patienceMs`.
 */
export async function* readRange(
  kafka: Kafka,
  ranges: readonly LogRange[],
  options: ReadRangeOptions = {},
): AsyncGenerator<LogRecord, void, undefined> {
  const { follow = false, patienceMs = 30_000, signal = new AbortController().signal } = options;
  const cursors = ranges.map((range) => new RangeCursor(range, follow));
  let failures = 0;
  let answeredAt = performance.now();
  while (cursors.some(({ isDone }) => !isDone)) {
    try {
      for await (const records of fetchRanges(kafka, cursors, signal)) {
        failures = 0;
        yield* records;
        answeredAt = performance.now();
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(await mayRecover(kafka, error, cursors))) throw error;
      if (performance.now() - answeredAt > patienceMs) throw unavailable(cursors, error);
      await sleep(fullJitterMs(failures++, RETRY), undefined, { signal }).catch(() =>
        signal.throwIfAborted(),
      );
    }
  }
}

/** @throws RangeNotInLogError: kafkajs names the partition alone, neither the offset nor what the log holds. */
async function mayRecover(kafka: Kafka, error: unknown, cursors: readonly RangeCursor[]): Promise<boolean> {
  if (!(error instanceof Error)) return false;
  if (error.name !== 'KafkaJSOffsetOutOfRange') {
    const root = rootCause(error);
    return 'retriable' in root && root.retriable === true;
  }
  const { topic, partition } = error as Error & { topic: string; partition: number };
  const cursor = cursors.find((each) => each.topic === topic && each.partition === partition);
  const bounds = await withCluster(kafka, (cluster) => cluster.logBounds(topic)).catch(() => undefined);
  if (cursor === undefined || bounds === undefined) return true;
  const held = bounds[partition];
  if (held === undefined || cursor.next < held.start || cursor.next > held.end)
    throw new RangeNotInLogError(cursor, held);
  return true;
}

function unavailable(cursors: readonly RangeCursor[], error: unknown): KafkaUnavailableError {
  const at = cursors
    .filter(({ isDone }) => !isDone)
    .map(({ topic, partition, next }) => `${topic}/${partition}/${next}`);
  const cause = error instanceof Error ? rootCause(error) : new Error(String(error));
  return new KafkaUnavailableError(`give the records from ${at.join(', ')}`, cause);
}
