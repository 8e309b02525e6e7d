import type { Logger } from '@millrace/contracts';
import type { Pool } from 'pg';
import { inTransaction } from '../in-transaction';
import type { KeptForAWhile } from '../retention-job';
import { SAME_FENCE } from './parked-records';

export interface OldDeadLettersOptions {
  /** Names the group's parked records, such as `group/delay-alerts`. */
  readonly reader: string;
  /** From when it failed last. */
  readonly retentionMs: number;
  readonly log: Logger;
}

/** Others can read it in the group's topic. Where its copy was refused, or is still to come, it is the only one there is. */
const OLD = `record.reader = $1 AND record.state = 'dead' AND record.dlq_copy = 'published'
  AND record.failed_at < clock_timestamp() - $2 * interval '1 millisecond'`;
const FENCES = `millrace.key_fence AS fence WHERE ${SAME_FENCE} AND fence.state = 'dead'`;
const PLACE = 'reader, topic, partition, record_offset';

/**
 * The dead letters of one group that are older than it keeps them. One whose key is still fenced is never removed: later records
 * of the key would go on without it, and nobody would have said so. Neither is a record that is parked.
 */
export class OldDeadLetters implements KeptForAWhile {
  constructor(
    private readonly pool: Pool,
    private readonly options: OldDeadLettersOptions,
  ) {}

  /** Takes what nobody else is at, the oldest first. */
  async removeOld(limit: number): Promise<number> {
    const { reader, log } = this.options;
    const released = await this.removeReleased(limit);
    const count = released + (await this.removeKeyless(limit - released));
    if (count > 0) log.info({ reader, count }, 'dead letters that were kept long enough are removed');
    return count;
  }

  private async removeReleased(limit: number): Promise<number> {
    const { rowCount } = await this.pool.query(
      `DELETE FROM millrace.parked_record WHERE (${PLACE}) IN (
         SELECT ${PLACE} FROM millrace.parked_record AS record
          WHERE ${OLD} AND NOT EXISTS (SELECT 1 FROM ${FENCES})
          ORDER BY failed_at LIMIT $3 FOR UPDATE SKIP LOCKED)`,
      this.parameters(limit),
    );
    return rowCount ?? 0;
  }

  /**
   * Of a record without a key the fence holds nothing up. It goes first, as with everybody who decides, and is left to the
   * partition's owner to take away, who then forgets it too.
   */
  private removeKeyless(limit: number): Promise<number> {
    return inTransaction(this.pool, async (client) => {
      const { rows } = await client.query<{ topic: string; partition: number; fence: Buffer }>(
        `SELECT fence.topic, fence.partition, fence.fence FROM millrace.parked_record AS record
           JOIN millrace.key_fence AS fence ON ${SAME_FENCE}
          WHERE ${OLD} AND record.key IS NULL AND fence.state = 'dead'
          ORDER BY record.failed_at LIMIT $3 FOR NO KEY UPDATE OF fence SKIP LOCKED`,
        this.parameters(limit),
      );
      if (rows.length === 0) return 0;
      const { rowCount } = await client.query(
        `WITH gone AS (
           DELETE FROM millrace.parked_record AS record
            USING unnest($3::text[], $4::int[], $5::bytea[]) AS held (topic, partition, fence)
            WHERE ${OLD} AND record.topic = held.topic AND record.partition = held.partition AND record.fence = held.fence
           RETURNING record.*)
         UPDATE millrace.key_fence AS fence SET state = 'parked', next_attempt_at = now()
           FROM gone AS record WHERE ${SAME_FENCE}`,
        [
          ...this.parameters(),
          ...[rows.map(({ topic }) => topic), rows.map(({ partition }) => partition)],
          rows.map(({ fence }) => fence),
        ],
      );
      return rowCount ?? 0;
    });
  }

  private parameters(...more: number[]): unknown[] {
    const { reader, retentionMs } = this.options;
    return [reader, retentionMs, ...more];
  }
}
