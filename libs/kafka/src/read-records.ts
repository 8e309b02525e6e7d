import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError, orAborted } from '@millrace/contracts';
import type { LogRecord, Position } from '@millrace/event';
import type { Kafka } from 'kafkajs';
import { fetchWanted } from './fetch-wanted';
import { RecordsNotReadError } from './records-not-read-error';
import { WantedRecords } from './wanted-records';
import { withCluster } from './with-cluster';
import { rootCause } from './write-failure';

export interface ReadRecordsOptions {
  /** The whole call ends within this time. A healthy cluster needs well below a second beside its join delay. */
  readonly timeoutMs: number;
  /** Gives up early; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

const RETRY_MS = 200;
/** The longest that leaving the group and removing it may take of the time. */
const LEAVE_MS = 2_000;

/**
 * The record at each position, in the order of the positions; `undefined` where the log has none: below its start, at
 * or above its end, in a partition that does not exist, compacted away, of a transaction that was aborted or is
 * still open, or a transaction's marker. Never the next record after it. A position may be asked for more than once.
 *
 * kafkajs assigns partitions through groups alone: this joins a group with a random id as its only member, commits
 * nothing, and removes the group again. If the cluster stops answering before that, the empty group is left to Kafka,
 * which removes it by itself.
 * @throws RecordsNotReadError when the time is over first.
 * @throws TopicNotFoundError, KafkaUnavailableError
 */
export async function readRecords(
  kafka: Kafka,
  positions: readonly Position[],
  options: ReadRecordsOptions,
): Promise<(LogRecord | undefined)[]> {
  const { timeoutMs } = options;
  const leaveMs = Math.min(LEAVE_MS, timeoutMs / 4);
  const deadline = AbortSignal.timeout(timeoutMs - leaveMs);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  let wanted = new WantedRecords(positions);
  let lastError: unknown;
  try {
    wanted = new WantedRecords(await orAborted(withinTheLog(kafka, positions), signal));
    while (!wanted.isSettled) {
      try {
        await fetchWanted(kafka, wanted, { signal, leaveMs });
      } catch (error) {
        // A broker that has just started refuses members for a while.
        if (signal.aborted || !isRetriable(error)) throw error;
        lastError = error;
        await sleep(RETRY_MS, undefined, { signal });
      }
    }
    return positions.map((position) => wanted.get(position));
  } catch (error) {
    if (options.signal?.aborted === true) throw options.signal.reason;
    if (deadline.aborted) throw new RecordsNotReadError(wanted.unsettled, { timeoutMs, cause: lastError });
    throw error instanceof MillraceError
      ? error
      : new RecordsNotReadError(wanted.unsettled, { timeoutMs, cause: error });
  }
}

/** The positions that the log may hold; kafkajs would start anywhere for the others. */
async function withinTheLog(kafka: Kafka, positions: readonly Position[]): Promise<Position[]> {
  const topics = [...new Set(positions.map(({ topic }) => topic))];
  const bounds = await withCluster(kafka, async (cluster) => {
    const entries = topics.map(async (topic) => [topic, await cluster.logBounds(topic)] as const);
    return new Map(await Promise.all(entries));
  });
  return positions.filter(({ topic, partition, offset }) => {
    const extent = bounds.get(topic)?.[partition];
    return extent !== undefined && offset >= extent.start && offset < extent.end;
  });
}

function isRetriable(error: unknown): boolean {
  const root = error instanceof Error ? rootCause(error) : undefined;
  return root !== undefined && 'retriable' in root && root.retriable === true;
}
