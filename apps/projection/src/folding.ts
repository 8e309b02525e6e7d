import type { StoredBuild } from '@millrace/postgres';
import type { ReaderStatus } from '@millrace/reading';
import type { PartitionCounts } from './metrics/build-meter';

/** What keeps the tables of builds up to date: in this thread, or in others. */
export interface Folding {
  /** Makes the builds that are folded those that are given. To be called again and again with those that are there. */
  follow(builds: readonly StoredBuild[]): Promise<void>;
  /** How the reader of that name stands in this process. */
  statusOf(reader: string): ReaderStatus;
  /** What the reader of that name has folded in this process, partition by partition; one may be there several times. */
  countsOf(reader: string): readonly PartitionCounts[];
  stop(): Promise<void>;
}

/** Of a reader that is not there yet. */
export const notStarted: ReaderStatus = { state: 'starting', partitions: [] };
