import type { Logger } from '@millrace/contracts';
import { FoldPartition } from '@millrace/delivery';
import type { LogRecord, TopicPartition } from '@millrace/event';
import { FoldDecisionStore, ParkingStore, ProjectionRows } from '@millrace/postgres';
import type { Database, DatabaseTransaction } from '@millrace/postgres';
import { foldOver, readerOf, withKeys } from '@millrace/projecting';
import type { EventToFold, Projection, ProjectionBuild, TombstoneToFold } from '@millrace/projecting';
import { readEvent } from '@millrace/reading';
import type { ReaderParts } from '@millrace/reading';
import type { EventCodec } from '@millrace/schema-registry';
import type { PartitionMeter } from './metrics/build-meter';
import { readNamed, withNamedRecord } from './named-record';

export interface BuildPartitionOptions {
  readonly projection: Projection;
  readonly build: ProjectionBuild;
  readonly codec: EventCodec;
  readonly database: Database;
  readonly log: Logger;
  readonly meter: PartitionMeter;
}

/** Decoded and folded at once: what is decoded is gone before much more of it is there. */
const CHUNK = 1_000;
/** Nothing but folds is done again when one is taken back. */
const COMMIT_WITHIN_MS = 1_000;
const BACKOFF = { initialMs: 200, maxMs: 10_000 };

/**
 * One partition of a build: the rows of its keys are loaded, its records folded over them in memory, and each key that
 * changed is written or deleted once, in the transaction that moves the position. An event that an entity cannot fold parks
 * its key; of an aggregate, where other keys' rows would lack it, it halts the partition.
 */
export function buildPartition(
  at: TopicPartition,
  parts: ReaderParts,
  { projection, build, codec, database, log, meter }: BuildPartitionOptions,
): FoldPartition<DatabaseTransaction> {
  const rows = new ProjectionRows(projection, build, at);
  const partition = new FoldPartition<DatabaseTransaction>(at, {
    ...parts,
    start: 'earliest',
    repeatsWithin: BigInt(projection.repeatsWithinOffsets),
    backoff: BACKOFF,
    commitWithinMs: COMMIT_WITHIN_MS,
    ...(projection.kind === 'entity' ? { lot: new ParkingStore(database, readerOf(build)) } : {}),
    bounds: projection.parking,
    decisions: new FoldDecisionStore(database, build),
    log,
    observer: meter,
    process: async (transaction, records) => {
      // Nothing was folded below it, by whomever.
      if (partition.nextOffset === 0n) rows.startEmpty();
      meter.began();
      rows.begin();
      for (let from = 0; from < records.length; from += CHUNK) {
        const chunk = records.slice(from, from + CHUNK);
        const read = readNamed(chunk, (record) => readRecord(codec, record));
        const keyed = withNamedRecord(chunk, () => withKeys(projection, read));
        const present = await rows.rowsOf(transaction, keyed);
        withNamedRecord(chunk, () => foldOver(projection, keyed, present));
      }
      meter.wrote(await rows.save(transaction));
    },
    committed: () => {
      rows.committed();
      meter.committed();
    },
    forget: () => rows.forget(),
  });
  return partition;
}

/** A tombstone is no event: it has neither an identity nor a time. */
function readRecord(codec: EventCodec, record: LogRecord): EventToFold | TombstoneToFold {
  if (record.valueBytes() !== null) return readEvent(codec, record);
  const { topic, partition, offset, key } = record;
  return { topic, partition, offset, key: key?.toString('utf8') ?? null };
}
