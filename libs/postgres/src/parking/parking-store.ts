import { crashPoint } from '@millrace/contracts';
import { fenceOf } from '@millrace/delivery';
import type {
  DeadRecord,
  Drained,
  DrainRequest,
  Parked,
  ParkedRecord,
  ParkingLot,
  ParkingReason,
  UnpublishedDeadLetters,
} from '@millrace/delivery';
import type { LogRecord, TopicPartition } from '@millrace/event';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../in-transaction';
import {
  FAILURE_COLUMNS,
  fenceBytes,
  RECORD_COLUMNS,
  storable,
  StoredDeadRecord,
  storedHeaders,
  StoredRecord,
} from './stored-record';
import type { StoredFailureRow, StoredRecordRow } from './stored-record';

/** What a drain takes into memory at once, beside its last record. */
const DRAIN_BYTES = 8 * 1024 * 1024;
/** Fences that one drain works on at once. */
const DRAIN_FENCES = 256;
const HERE = 'reader = $1 AND topic = $2 AND partition = $3';
const OWNED = `EXISTS (SELECT 1 FROM millrace.position WHERE ${HERE} AND epoch = $4)`;

/**
 * The parking lot of one reader, in millrace.key_fence and millrace.parked_record. Safe to use from any number of processes.
 *
 * Three locks on the row of a fence order those who meet there. Who appends holds it with KEY SHARE, who drains takes
 * NO KEY UPDATE, and who takes the fence away FOR UPDATE. The first two do not wait for each other, so that a slow handler
 * in a drain keeps no record of the log waiting; the third waits for both, and looks at the queue in a statement of its own
 * afterwards, so that it sees what was appended meanwhile.
 */
export class ParkingStore implements ParkingLot<PoolClient>, UnpublishedDeadLetters {
  constructor(
    private readonly pool: Pool,
    private readonly reader: string,
  ) {}

  async read(at: TopicPartition): Promise<Parked> {
    const { rows } = await this.pool.query<{ fences: Buffer[]; records: number; bytes: number }>(
      `SELECT ARRAY(SELECT fence FROM millrace.key_fence WHERE ${HERE}) AS fences,
              (SELECT count(*)::int FROM millrace.parked_record WHERE ${HERE} AND state = 'queued') AS records,
              (SELECT coalesce(sum(octet_length(value)), 0)::float8 FROM millrace.parked_record WHERE ${HERE}) AS bytes`,
      this.place(at),
    );
    const row = rows[0];
    const { fences = [], records = 0, bytes = 0 } = row ?? {};
    return { fences: fences.map((fence) => fence.toString('latin1')), records, bytes };
  }

  async hold(tx: PoolClient, at: TopicPartition, fences: readonly string[]): Promise<string[]> {
    const { rows } = await tx.query<{ fence: Buffer }>(
      `SELECT fence FROM millrace.key_fence WHERE ${HERE} AND fence = ANY($4::bytea[]) ORDER BY fence FOR KEY SHARE`,
      [...this.place(at), fences.map(fenceBytes)],
    );
    return rows.map(({ fence }) => fence.toString('latin1'));
  }

  async queue(tx: PoolClient, records: readonly LogRecord[]): Promise<void> {
    const [first] = records;
    if (first === undefined) return;
    await tx.query(
      `INSERT INTO millrace.parked_record
              (reader, topic, partition, record_offset, fence, state, key, value, headers, timestamp_ms)
       SELECT $1, $2, $3, record_offset, fence, 'queued', key, value, headers::json, timestamp_ms
         FROM unnest($4::bigint[], $5::bytea[], $6::bytea[], $7::bytea[], $8::text[], $9::bigint[])
              AS queued (record_offset, fence, key, value, headers, timestamp_ms)
       ON CONFLICT DO NOTHING`,
      [
        ...this.place(first),
        records.map(({ offset }) => offset),
        records.map((record) => fenceBytes(fenceOf(record))),
        records.map(({ key }) => key),
        records.map(({ value }) => value),
        records.map((record) => storedHeaders(record.rawHeaders())),
        records.map(({ timestampMs }) => timestampMs),
      ],
    );
  }

  async park(tx: PoolClient, record: LogRecord, reason: ParkingReason, delayMs: number): Promise<void> {
    await this.fence(tx, record, 'parked', delayMs);
    await this.queue(tx, [record]);
    await this.note(tx, record, reason, 'queued');
    crashPoint('record-parked');
  }

  async bury(tx: PoolClient, record: LogRecord, reason: ParkingReason, fence: boolean): Promise<void> {
    if (fence) await this.fence(tx, record, 'dead', 0);
    await this.queue(tx, [record]);
    await this.note(tx, record, reason, 'dead');
    crashPoint('record-parked');
  }

  async drain(
    at: TopicPartition,
    { epoch, limit }: DrainRequest,
    effects: (tx: PoolClient, records: readonly ParkedRecord[]) => Promise<void>,
  ): Promise<Drained> {
    const place = this.place(at);
    const drained = await inTransaction(this.pool, async (client) => {
      const { rows: due } = await client.query<{ fence: Buffer }>(
        `SELECT fence FROM millrace.key_fence
          WHERE ${HERE} AND state = 'parked' AND next_attempt_at <= now() AND ${OWNED}
          ORDER BY fence LIMIT ${DRAIN_FENCES} FOR NO KEY UPDATE`,
        [...place, epoch],
      );
      if (due.length === 0) return { records: 0, fences: [] };
      const fences = due.map(({ fence }) => fence);
      const records = await this.firstOf(client, at, fences, limit);
      if (records.length > 0) {
        await effects(client, records);
        crashPoint('queue-effects-written');
        await client.query(
          `DELETE FROM millrace.parked_record WHERE ${HERE} AND record_offset = ANY($4::bigint[])`,
          [...place, records.map(({ offset }) => offset)],
        );
      }
      return { records: records.length, fences };
    });
    if (drained.fences.length === 0) return { records: 0, released: [] };
    crashPoint('queue-drained');
    return { records: drained.records, released: await this.release(at, drained.fences) };
  }

  async ensure(tx: PoolClient, at: TopicPartition, fences: readonly string[]): Promise<void> {
    await tx.query(
      `INSERT INTO millrace.key_fence (reader, topic, partition, fence, state, next_attempt_at)
       SELECT $1, $2, $3, fence, 'parked', now() FROM unnest($4::bytea[]) AS wanted (fence) ORDER BY fence
       ON CONFLICT (reader, topic, partition, fence) DO UPDATE SET fenced_at = key_fence.fenced_at`,
      [...this.place(at), fences.map(fenceBytes)],
    );
  }

  async due(at: TopicPartition, { epoch, limit }: DrainRequest): Promise<ParkedRecord[]> {
    const { rows } = await this.pool.query<{ fence: Buffer }>(
      `SELECT fence FROM millrace.key_fence
        WHERE ${HERE} AND state = 'parked' AND next_attempt_at <= now() AND ${OWNED}
        ORDER BY next_attempt_at LIMIT ${DRAIN_FENCES}`,
      [...this.place(at), epoch],
    );
    const fences = rows.map(({ fence }) => fence);
    const records = fences.length === 0 ? [] : await this.firstOf(this.pool, at, fences, limit);
    // What an operator has discarded leaves fences with nothing behind them.
    if (records.length === 0 && fences.length > 0) await this.release(at, fences);
    return records;
  }

  async finish(records: readonly ParkedRecord[], epoch: bigint): Promise<Drained> {
    const [first] = records;
    if (first === undefined) return { records: 0, released: [] };
    const fences = [...new Set(records.map(({ fence }) => fence))].map(fenceBytes);
    const { rowCount } = await this.pool.query(
      `DELETE FROM millrace.parked_record WHERE ${HERE} AND ${OWNED} AND record_offset = ANY($5::bigint[])`,
      [...this.place(first), epoch, records.map(({ offset }) => offset)],
    );
    crashPoint('queue-drained');
    return { records: rowCount ?? 0, released: await this.release(first, fences) };
  }

  async postpone(
    record: ParkedRecord,
    epoch: bigint,
    { reason, delayMs }: { readonly reason: ParkingReason; readonly delayMs: number },
  ): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      const { rowCount } = await client.query(
        `UPDATE millrace.key_fence SET next_attempt_at = now() + $6 * interval '1 millisecond'
          WHERE ${HERE} AND fence = $5 AND state = 'parked' AND ${OWNED}`,
        [...this.place(record), epoch, fenceBytes(record.fence), delayMs],
      );
      if (rowCount !== 0) await this.note(client, record, reason, 'queued');
    });
  }

  async buryQueued(
    record: ParkedRecord,
    epoch: bigint,
    { reason, fence }: { readonly reason: ParkingReason; readonly fence: boolean },
  ): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      const { rowCount } = await client.query(
        `UPDATE millrace.key_fence SET state = $6, next_attempt_at = now()
          WHERE ${HERE} AND fence = $5 AND state = 'parked' AND ${OWNED}`,
        [...this.place(record), epoch, fenceBytes(record.fence), fence ? 'dead' : 'parked'],
      );
      if (rowCount !== 0) await this.note(client, record, reason, 'dead');
    });
  }

  async unpublished(at: TopicPartition, { epoch, limit }: DrainRequest): Promise<DeadRecord[]> {
    const { rows } = await this.pool.query<StoredFailureRow>(
      `SELECT ${RECORD_COLUMNS}, ${FAILURE_COLUMNS} FROM millrace.parked_record
        WHERE ${HERE} AND ${OWNED} AND state = 'dead' AND dlq_copy IS NULL ORDER BY record_offset LIMIT $5`,
      [...this.place(at), epoch, limit],
    );
    return rows.map((row) => new StoredDeadRecord(row));
  }

  async notePublished(record: DeadRecord, copy: 'published' | 'refused'): Promise<void> {
    // It may have been redriven, and have died again, meanwhile: then the copy is of another failure.
    await this.pool.query(
      `UPDATE millrace.parked_record SET dlq_copy = $5
        WHERE ${HERE} AND record_offset = $4 AND state = 'dead' AND failed_at = $6`,
      [...this.place(record), record.offset, copy, record.failedAt],
    );
  }

  /**
   * The first records of these queues, in the order of the log. Measured by the length that is stored with a value, without
   * reading the value.
   */
  private async firstOf(
    client: Pool | PoolClient,
    at: TopicPartition,
    fences: readonly Buffer[],
    limit: number,
  ): Promise<ParkedRecord[]> {
    const { rows } = await client.query<StoredRecordRow>(
      `SELECT ${RECORD_COLUMNS}
         FROM (SELECT *, sum(octet_length(value)) OVER (ORDER BY record_offset ROWS UNBOUNDED PRECEDING)
                         - octet_length(value) AS bytes_before
                 FROM millrace.parked_record
                WHERE ${HERE} AND state = 'queued' AND fence = ANY($4::bytea[])
                ORDER BY record_offset LIMIT $5) AS queue
        WHERE coalesce(bytes_before, 0) < ${DRAIN_BYTES} ORDER BY record_offset`,
      [...this.place(at), fences, limit],
    );
    return rows.map((row) => new StoredRecord(row));
  }

  /** Takes fences away behind which nothing waits. */
  private async release(at: TopicPartition, fences: readonly Buffer[]): Promise<string[]> {
    const parameters = [...this.place(at), fences];
    return inTransaction(this.pool, async (client) => {
      await client.query(
        `SELECT 1 FROM millrace.key_fence WHERE ${HERE} AND fence = ANY($4::bytea[]) AND state = 'parked'
          ORDER BY fence FOR UPDATE`,
        parameters,
      );
      const { rows } = await client.query<{ fence: Buffer }>(
        `DELETE FROM millrace.key_fence AS standing
          WHERE ${HERE} AND fence = ANY($4::bytea[]) AND state = 'parked'
            AND NOT EXISTS (SELECT 1 FROM millrace.parked_record AS queued
                             WHERE queued.reader = standing.reader AND queued.topic = standing.topic
                               AND queued.partition = standing.partition AND queued.fence = standing.fence
                               AND queued.state = 'queued')
        RETURNING fence`,
        parameters,
      );
      return rows.map(({ fence }) => fence.toString('latin1'));
    });
  }

  /** Puts up a fence; one that stands already stays as it is. */
  private async fence(
    tx: PoolClient,
    record: LogRecord,
    state: 'parked' | 'dead',
    delayMs: number,
  ): Promise<void> {
    await tx.query(
      `INSERT INTO millrace.key_fence (reader, topic, partition, fence, state, next_attempt_at)
       VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond') ON CONFLICT DO NOTHING`,
      [...this.place(record), fenceBytes(fenceOf(record)), state, delayMs],
    );
  }

  private async note(
    tx: PoolClient,
    record: LogRecord,
    reason: ParkingReason,
    state: 'queued' | 'dead',
  ): Promise<void> {
    await tx.query(
      `UPDATE millrace.parked_record
          SET state = $5, attempts = $6, failed_at = date_trunc('milliseconds', clock_timestamp()), reason = $7, error_name = $8, error_message = $9, error_stack = $10
        WHERE ${HERE} AND record_offset = $4`,
      [
        ...this.place(record),
        ...[record.offset, state, reason.attempts, reason.kind],
        ...[storable(reason.name), storable(reason.message), storable(reason.stack)],
      ],
    );
  }

  private place({ topic, partition }: TopicPartition): [string, string, number] {
    return [this.reader, topic, partition];
  }
}
