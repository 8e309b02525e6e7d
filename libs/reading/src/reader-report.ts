import type { TopicPartition } from '@millrace/event';
import type { GroupReaderStatus, PartitionState, PartitionStatus } from '@millrace/kafka';
import { DatabaseUnavailableError, PositionStore } from '@millrace/postgres';
import type { Servers } from './servers';

/** `stalled`: nothing is done although the log goes on, and nothing else says why. */
export type ReaderState = PartitionState | 'stalled';

export interface ReaderStatus extends Omit<GroupReaderStatus, 'partitions'> {
  readonly partitions: readonly (Omit<PartitionStatus, 'state'> & { readonly state: ReaderState })[];
}

/** One partition of a reader, whoever reads it. 64-bit numbers are text, as in JSON. */
export interface PartitionReport {
  readonly topic: string;
  readonly partition: number;
  /** What this process does with it; `elsewhere` when another member holds it, or nobody does. */
  readonly state: ReaderState | 'elsewhere';
  /** Why it stands still here. */
  readonly reason?: string;
  /** The first offset that is not done. */
  readonly nextOffset: string;
  readonly logEnd: string;
  /** Records of the log that are not done yet. */
  readonly lag: string;
}

export interface ReaderReport {
  readonly state: GroupReaderStatus['state'];
  readonly reason?: string;
  readonly partitions: readonly PartitionReport[];
}

/** A reader of this process: the name of its positions, what it reads, and how it stands. */
export interface ReportedReader {
  readonly reader: string;
  readonly topics: readonly string[];
  readonly status: ReaderStatus;
}

/**
 * How far a reader is in every partition, also in those that others hold.
 * @throws KafkaUnavailableError, DatabaseUnavailableError
 */
export async function reportReader(
  servers: Servers,
  { reader, topics, status: { partitions: held, ...status } }: ReportedReader,
): Promise<ReaderReport> {
  const stored = await readPositions(servers, reader);
  const partitions: PartitionReport[] = [];
  for (const topic of topics) {
    const bounds = await servers.cluster.logBounds(topic);
    servers.stalls.note(bounds.flatMap(({ end }, partition) => ({ topic, partition, end })));
    bounds.forEach(({ start, end }, partition) => {
      const isThis = (at: TopicPartition) => at.topic === topic && at.partition === partition;
      const here = held.find(isThis);
      const nextOffset = stored.find(isThis)?.nextOffset ?? start;
      partitions.push({
        topic,
        partition,
        state: here?.state ?? 'elsewhere',
        ...(here?.reason === undefined ? {} : { reason: here.reason }),
        nextOffset: nextOffset.toString(),
        logEnd: end.toString(),
        lag: (end - nextOffset).toString(),
      });
    });
  }
  return { ...status, partitions };
}

/** For readiness. @throws an error that names what is not being read, and why. */
export function checkReader(
  groupId: string,
  { state, reason, partitions }: ReaderStatus,
): Record<string, unknown> {
  if (state !== 'joined')
    throw new Error(`${groupId} is ${state}${reason === undefined ? '' : `: ${reason}`}`);
  const stuck = partitions.filter((partition) => isStandingStill(partition.state));
  if (stuck.length > 0) {
    const reasons = [...new Set(stuck.map((partition) => partition.reason))].slice(0, 3);
    throw new Error(`${stuck.length} of ${partitions.length} partitions stand still: ${reasons.join('; ')}`);
  }
  return { partitions: partitions.length };
}

/** Whether somebody should look. */
export function isStandingStill(state: ReaderState | 'elsewhere'): boolean {
  return state === 'held' || state === 'halted' || state === 'stalled';
}

async function readPositions({ database }: Servers, reader: string): ReturnType<PositionStore['readAll']> {
  const positions = new PositionStore(database, reader);
  try {
    return await positions.readAll();
  } catch (error) {
    if (positions.classify(error) !== 'unavailable') throw error;
    throw new DatabaseUnavailableError(`the positions of ${reader}`, error);
  }
}
