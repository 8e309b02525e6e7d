import type { FoldDecisions, FoldHalt } from '@millrace/delivery';
import type { TopicPartition } from '@millrace/event';
import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import type { Pool } from 'pg';
import { ParkedRecords } from './parked-records';
import { storable } from './stored-record';

const HERE = 'reader = $1 AND topic = $2 AND partition = $3';
const SKIPPED = 'projection = $1 AND version = $2 AND topic = $3 AND partition = $4';

/**
 * What was decided of the events that one build cannot fold, for the owner of a partition. A skip is a version's, so that all
 * its builds fold the same; a wish to try again is a build's.
 */
export class FoldDecisionStore implements FoldDecisions {
  private readonly reader: string;

  constructor(
    private readonly pool: Pool,
    private readonly build: ProjectionBuild,
  ) {
    this.reader = readerOf(build);
  }

  async skipped(at: TopicPartition): Promise<ReadonlySet<bigint>> {
    const { rows } = await this.pool.query<{ record_offset: bigint }>(
      `SELECT record_offset FROM millrace.skipped_event
        WHERE ${SKIPPED} AND record_offset >= coalesce(
          (SELECT next_offset FROM millrace.position WHERE reader = $5 AND topic = $3 AND partition = $4), 0)`,
      [...this.versionAt(at), this.reader],
    );
    return new Set(rows.map(({ record_offset: offset }) => offset));
  }

  async noteHalt(at: TopicPartition, epoch: bigint, { offset, reason }: FoldHalt): Promise<void> {
    await this.pool.query(
      `INSERT INTO millrace.halted_partition AS known (reader, topic, partition, record_offset, reason)
       SELECT $1, $2, $3, $5, $6 WHERE EXISTS (SELECT FROM millrace.position WHERE ${HERE} AND epoch = $4)
       ON CONFLICT (reader, topic, partition) DO UPDATE
          SET record_offset = EXCLUDED.record_offset, reason = EXCLUDED.reason,
              halted_at = CASE WHEN known.record_offset = EXCLUDED.record_offset THEN known.halted_at
                               ELSE EXCLUDED.halted_at END`,
      [this.reader, at.topic, at.partition, epoch, offset, storable(reason)],
    );
  }

  async isReleased(at: TopicPartition): Promise<boolean> {
    const { rows } = await this.pool.query<{ released: boolean }>(
      `WITH granted AS (
         UPDATE millrace.halted_partition SET retry_requested_at = NULL
          WHERE ${HERE} AND retry_requested_at IS NOT NULL RETURNING 1)
       SELECT EXISTS (SELECT FROM granted) OR EXISTS (
         SELECT FROM millrace.skipped_event AS skipped JOIN millrace.halted_partition AS halted
                  USING (topic, partition, record_offset)
          WHERE halted.${HERE.replaceAll(' AND ', ' AND halted.')} AND projection = $4 AND version = $5) AS released`,
      [this.reader, at.topic, at.partition, this.build.projection, this.build.version],
    );
    return rows[0]?.released ?? false;
  }

  async dropSkipped(at: TopicPartition): Promise<void> {
    const { rows } = await this.pool.query<{ record_offset: bigint }>(
      `SELECT record_offset FROM millrace.skipped_event JOIN millrace.parked_record AS parked
                USING (topic, partition, record_offset)
        WHERE ${SKIPPED} AND parked.reader = $5 AND parked.state = 'dead'`,
      [...this.versionAt(at), this.reader],
    );
    if (rows.length === 0) return;
    const positions = rows.map(({ record_offset: offset }) => ({ ...at, offset }));
    await new ParkedRecords(this.pool, this.reader).discard({ state: 'dead', positions });
  }

  private versionAt({ topic, partition }: TopicPartition): [string, number, string, number] {
    return [this.build.projection, this.build.version, topic, partition];
  }
}
