import { MillraceError } from '@millrace/contracts';
import { holdOrHalt, PositionedPartition } from '@millrace/delivery';
import type { LogRecord, TopicPartition } from '@millrace/event';
import { ProjectionRows } from '@millrace/postgres';
import type { DatabaseTransaction } from '@millrace/postgres';
import { foldBatch, withKeys } from '@millrace/projecting';
import type { EventToFold, Projection, ProjectionBuild, TombstoneToFold } from '@millrace/projecting';
import { readEvent } from '@millrace/reading';
import type { ReaderParts } from '@millrace/reading';
import type { EventCodec } from '@millrace/schema-registry';

export interface BuildPartitionOptions {
  readonly projection: Projection;
  readonly build: ProjectionBuild;
  readonly codec: EventCodec;
}

const BACKOFF = { initialMs: 200, maxMs: 10_000 };

/**
 * One partition of a build: the rows of its keys are loaded, its records folded over them in memory, and each key that
 * changed is written or deleted once, in the transaction that moves the position.
 */
export function buildPartition(
  at: TopicPartition,
  parts: ReaderParts,
  { projection, build, codec }: BuildPartitionOptions,
): PositionedPartition<DatabaseTransaction> {
  const rows = new ProjectionRows(projection, build, at);
  return new PositionedPartition<DatabaseTransaction>(at, {
    ...parts,
    start: 'earliest',
    repeatsWithin: BigInt(projection.repeatsWithinOffsets),
    backoff: BACKOFF,
    // A fold is pure: what fails once fails always, and waiting would only hide it.
    judge: holdOrHalt((error) => error instanceof MillraceError && error.retriable, BACKOFF),
    process: async (transaction, records) => {
      const read = records.map((record) => readRecord(codec, record));
      const keyed = withKeys(projection, read);
      const loaded = await rows.load(
        transaction,
        keyed.map(({ key }) => key),
      );
      await rows.save(transaction, foldBatch(projection, loaded, keyed));
    },
    committed: () => rows.committed(),
  });
}

/** A tombstone is no event: it has neither an identity nor a time. */
function readRecord(codec: EventCodec, record: LogRecord): EventToFold | TombstoneToFold {
  if (record.value !== null) return readEvent(codec, record);
  const { topic, partition, offset } = record;
  return { topic, partition, offset, key: record.key?.toString('utf8') ?? null };
}
