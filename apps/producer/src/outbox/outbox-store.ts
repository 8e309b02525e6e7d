import { crashPoint } from '@millrace/contracts';
import type { Queryable } from './answering';
import { RelayFencedError } from './errors';
import type { OutboxRow } from './outbox-row';
import type { SetAside } from './publish-rows';

export interface PageLimits {
  readonly rows: number;
  /** Of the data of all rows together; one row may be larger. */
  readonly bytes: number;
  readonly maxEventBytes: number;
}

export interface Page {
  readonly rows: readonly OutboxRow[];
  /** The oldest transaction that was running in the moment in which the rows were read; 0 when there are none. */
  readonly oldestRunning: bigint;
}

/** The first of the rows of a key that are set aside; a row without a key stands for itself. */
export interface KeySetAside {
  readonly topic: string;
  readonly key: string | null;
  readonly number: bigint;
}

const COLUMNS = `number, topic, key, type, id, source, subject, traceparent,
  to_char(time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS time,
  CASE WHEN octet_length(data::text) <= $1 THEN data::text END AS data,
  -- What is too long is no JSON any more, and refused.
  left(extensions::text, $1) AS extensions,
  least(octet_length(data::text), $1) + least(coalesce(octet_length(extensions::text), 0), $1) AS bytes`;

/** The rows that are not in the log, with the reasons, as parameters 1 to 3. */
const WHY = 'unnest($1::bigint[], $2::text[], $3::text[]) AS why (number, code, reason)';

/**
 * What the relay whose turn it is reads and writes in the outbox, on the connection that holds its turn. Each method that
 * writes is one statement, so that several may be called at once, and none of them runs in the transaction of another.
 */
export class OutboxStore {
  private constructor(
    private readonly client: Queryable,
    private readonly epoch: bigint,
    /** Where the turn began: every number up to here is settled for good. */
    readonly position: bigint,
  ) {}

  /** Begins a turn: from here on whoever had one before can no longer move the position. */
  static async open(client: Queryable): Promise<OutboxStore> {
    const { rows } = await client.query<{ epoch: bigint; position: bigint }>(
      'UPDATE millrace_outbox.relay SET epoch = epoch + 1 RETURNING epoch, position',
    );
    const [relay] = rows;
    if (relay === undefined) throw new Error('millrace_outbox.relay has no row: the migration has made one');
    return new OutboxStore(client, relay.epoch, relay.position);
  }

  async ping(): Promise<void> {
    await this.client.query('SELECT 1');
  }

  /** The visible rows behind a number, in order. */
  async readPage(after: bigint, { rows: count, bytes, maxEventBytes }: PageLimits): Promise<Page> {
    // One statement, one snapshot: whether a missing number can still come is asked of the moment in which it was missing.
    const { rows } = await this.client.query<OutboxRow & { oldest: bigint }>(
      `SELECT page.*, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest
         FROM (SELECT found.*, sum(bytes) OVER (ORDER BY number) - bytes AS bytes_before
                 FROM (SELECT ${COLUMNS} FROM millrace_outbox.event
                        WHERE number > $2 ORDER BY number LIMIT $3) found) page
        WHERE bytes_before < $4 ORDER BY number`,
      [maxEventBytes, after, count, bytes],
    );
    return { rows, oldestRunning: rows[0]?.oldest ?? 0n };
  }

  /**
   * A number up to which all are drawn now, and a transaction id: once no transaction below that id runs any more, none of
   * these numbers can appear any more. The id comes after the number, in a statement of its own: whoever has drawn one of them
   * had an id before, and that one is lower.
   */
  async lookAhead(): Promise<{ drawnTo: bigint; settledWhen: bigint }> {
    const drawn = await this.client.query<{ drawn: bigint }>(
      'SELECT last_value AS drawn FROM millrace_outbox.event_number',
    );
    const next = await this.client.query<{ id: bigint }>('SELECT pg_current_xact_id()::text::bigint AS id');
    return { drawnTo: drawn.rows[0]?.drawn ?? 0n, settledWhen: next.rows[0]?.id ?? 0n };
  }

  /** Moves the position, and sets aside what is not in the log up to there; both or neither. @throws RelayFencedError */
  async settle(position: bigint, aside: readonly SetAside[]): Promise<void> {
    crashPoint('outbox-published');
    await this.inTurn(
      `WITH moved AS (UPDATE millrace_outbox.relay SET position = greatest(position, $5) WHERE epoch = $4 RETURNING 1),
            kept AS (INSERT INTO millrace_outbox.set_aside
                       (number, appended_at, topic, key, type, id, source, time, subject, traceparent, extensions, data, code, reason)
                     SELECT event.*, why.code, why.reason
                       FROM ${WHY} JOIN millrace_outbox.event ON event.number = why.number
                      WHERE EXISTS (SELECT FROM moved)
                     ON CONFLICT (number) DO NOTHING)
       SELECT FROM moved`,
      [...columnsOf(aside), this.epoch, position],
    );
    crashPoint('outbox-marked');
  }

  /** Says whether those who append have to wake the relay. */
  async setSleeping(sleeps: boolean): Promise<void> {
    await this.client.query(`SELECT setval('millrace_outbox.relay_sleeps', $1)`, [sleeps ? 2 : 1]);
  }

  /** Makes and drops partitions; see the migration. */
  async keepPartitions(rows: number, ahead: number): Promise<{ made: number; dropped: number }> {
    const result = await this.client.query<{ made: number; dropped: number }>(
      'SELECT made, dropped FROM millrace_outbox.keep_partitions($1, $2)',
      [rows, ahead],
    );
    return result.rows[0] ?? { made: 0, dropped: 0 };
  }

  /** The keys of which something is set aside. */
  async heldKeys(): Promise<{ topic: string; key: string | null }[]> {
    const { rows } = await this.client.query<{ topic: string; key: string | null }>(
      'SELECT DISTINCT topic, key FROM millrace_outbox.set_aside WHERE key IS NOT NULL',
    );
    return rows;
  }

  /** A key whose first row may be tried: an operator said so, or what it waited behind is gone. */
  async keyToRetry(): Promise<KeySetAside | undefined> {
    const { rows } = await this.client.query<KeySetAside>(
      `SELECT topic, key, number FROM millrace_outbox.set_aside one
        WHERE (retry OR code IS NULL) AND (key IS NULL OR NOT EXISTS (
          SELECT FROM millrace_outbox.set_aside other
           WHERE other.topic = one.topic AND other.key = one.key AND other.number < one.number))
        ORDER BY number LIMIT 1`,
    );
    return rows[0];
  }

  /** What is set aside of a key, in order. */
  async readSetAside(
    { topic, key, number }: KeySetAside,
    { rows: count, maxEventBytes }: PageLimits,
  ): Promise<OutboxRow[]> {
    const { rows } = await this.client.query<OutboxRow>(
      `SELECT ${COLUMNS} FROM millrace_outbox.set_aside
        WHERE number >= $2 AND topic = $4 AND (CASE WHEN $5::text IS NULL THEN number = $2 ELSE key = $5 END)
        ORDER BY number LIMIT $3`,
      [maxEventBytes, number, count, topic, key],
    );
    return rows;
  }

  /** Of rows that were set aside: those that are in the log now are gone, the others say why they are not. @throws RelayFencedError */
  async settleSetAside(tried: readonly OutboxRow[], aside: readonly SetAside[]): Promise<void> {
    const left = new Set(aside.map(({ number }) => number));
    const published = tried.filter(({ number }) => !left.has(number)).map(({ number }) => number);
    await this.inTurn(
      `WITH turn AS (SELECT FROM millrace_outbox.relay WHERE epoch = $4 FOR UPDATE),
            gone AS (DELETE FROM millrace_outbox.set_aside WHERE number = ANY($5::bigint[]) AND EXISTS (SELECT FROM turn)),
            told AS (UPDATE millrace_outbox.set_aside SET code = why.code, reason = why.reason, retry = false
                       FROM ${WHY} WHERE set_aside.number = why.number AND EXISTS (SELECT FROM turn))
       SELECT FROM turn`,
      [...columnsOf(aside), this.epoch, published],
    );
  }

  private async inTurn(statement: string, values: readonly unknown[]): Promise<void> {
    const { rowCount } = await this.client.query(statement, values);
    if (rowCount !== 1) throw new RelayFencedError();
  }
}

function columnsOf(aside: readonly SetAside[]): unknown[] {
  return [
    aside.map(({ number }) => number),
    aside.map(({ code }) => code),
    aside.map(({ reason }) => reason),
  ];
}
