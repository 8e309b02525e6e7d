import type { CopyNotes, MovedCopy } from '@millrace/delivery';
import type { TopicPartition } from '@millrace/event';
import type { Pool } from 'pg';
import { PositionChangedError } from './errors';
import { inTransaction } from './in-transaction';

interface CopyRow {
  partition: number;
  next_offset: bigint;
  epoch: bigint;
  copy_epoch: bigint | null;
  copy_offset: bigint | null;
  known_copy: bigint | null;
}

/** Beside the epoch, because whoever decides is no owner: a member that runs is fenced, and looks again. */
const NEW_EPOCH = 'epoch = epoch + 1, copy_epoch = epoch + 1, updated_at = now(), problem = NULL';
const ADOPT = `${NEW_EPOCH}, known_copy = $6, next_offset = $6, last_timestamp = NULL, last_identity = NULL`;
const REJECT = `${NEW_EPOCH}, known_copy = $6`;

/** What is remembered of one reader's copies in Kafka. Safe to use from any number of processes. */
export class CopyStore {
  constructor(
    private readonly pool: Pool,
    readonly reader: string,
  ) {}

  /** By partition, for all that have a position, or for this one alone. */
  async readNotes(topic: string, partition?: number): Promise<Map<number, CopyNotes>> {
    const { rows } = await this.pool.query<CopyRow>(
      `SELECT partition, next_offset, epoch, copy_epoch, copy_offset, known_copy
         FROM millrace.position WHERE reader = $1 AND topic = $2 AND ($3::integer IS NULL OR partition = $3)`,
      [this.reader, topic, partition ?? null],
    );
    return new Map(rows.map((row) => [row.partition, copyNotes(row)]));
  }

  /**
   * Kafka has acknowledged a copy of this epoch's owner. From now on no copy without a mark is known: setting the offset
   * back to what stood there before would be a move. A late note of a former owner changes nothing.
   */
  async noteCopy(
    at: TopicPartition,
    { epoch, offset }: { readonly epoch: bigint; readonly offset: bigint },
  ): Promise<void> {
    await this.pool.query(
      `UPDATE millrace.position SET copy_offset = $5, known_copy = NULL
        WHERE reader = $1 AND topic = $2 AND partition = $3 AND epoch = $4`,
      [this.reader, at.topic, at.partition, epoch, offset],
    );
  }

  /**
   * The positions become what Kafka has, under new epochs: all of them or none. The last record done is forgotten, as
   * there is another one before the new position.
   * @throws PositionChangedError when a position is not what was judged any more
   */
  async adopt(moves: readonly MovedCopy[]): Promise<void> {
    await this.decide(moves, ADOPT);
  }

  /** The positions stay, and what Kafka has is known from now on, under new epochs: all or none. @throws as `adopt` */
  async reject(moves: readonly MovedCopy[]): Promise<void> {
    await this.decide(moves, REJECT);
  }

  private async decide(moves: readonly MovedCopy[], change: string): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      // In one order, so that two operators at once do not lock each other out.
      for (const move of moves.toSorted((a, b) => a.partition - b.partition)) {
        const { topic, partition, offset, notes } = move;
        const { rowCount } = await client.query(
          `UPDATE millrace.position SET ${change}
            WHERE reader = $1 AND topic = $2 AND partition = $3 AND epoch = $4 AND next_offset = $5`,
          [this.reader, topic, partition, notes.epoch, notes.nextOffset, offset],
        );
        if (rowCount !== 1) throw new PositionChangedError(this.reader, move);
      }
    });
  }
}

function copyNotes(row: CopyRow): CopyNotes {
  const { copy_epoch: copyEpoch, copy_offset: copyOffset, known_copy: knownCopy } = row;
  return {
    nextOffset: row.next_offset,
    epoch: row.epoch,
    ...(copyEpoch === null ? {} : { copyEpoch }),
    ...(copyOffset === null ? {} : { copyOffset }),
    ...(knownCopy === null ? {} : { knownCopy }),
  };
}
