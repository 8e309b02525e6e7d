import type { Pool, QueryResult, QueryResultRow } from 'pg';

/** What is reserved of one event. Digests are UUIDs as text. */
export interface ReservationRequest {
  /** Of (topic, source, id). */
  readonly identity: string;
  /** Of what the event says. */
  readonly content: string;
  readonly schemaId: number;
}

/** A place in a topic's log. */
export interface ReservedPlace {
  readonly partition: number;
  readonly offset: bigint;
}

/** A reservation as it stands. Times are in milliseconds since the epoch, by the clock of PostgreSQL. */
export interface Reservation extends ReservationRequest {
  /** When it was made or last taken over; names who holds it. */
  readonly reservedAtMs: number;
  /** How old it was when it was read, by PostgreSQL's clock alone. */
  readonly ageMs: number;
  /** Where its record lies; undefined while that is open. */
  readonly place: ReservedPlace | undefined;
}

/** A reservation that somebody holds. */
export interface HeldReservation {
  readonly identity: string;
  readonly reservedAtMs: number;
}

interface ReservationRow {
  identity: string;
  content: string;
  schema_id: number;
  reserved_ms: bigint;
  age_ms: bigint;
  partition: number | null;
  record_offset: bigint | null;
}

/** Afterwards the statement counts as failed for want of the database, and its connection is closed. */
const ANSWER_WITHIN_MS = 5_000;

/** Whole milliseconds, as a record's time is. */
const NOW = `date_trunc('milliseconds', clock_timestamp())`;
const asMs = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::bigint`;
const ofMs = (value: string): string => `'epoch'::timestamptz + ${value} * interval '1 millisecond'`;
/** Rows that are held so and open. The first condition has PostgreSQL read those alone, however large the table is. */
const stillHeld = (as: string): string =>
  `held.identity = ANY($1::uuid[]) AND held.identity = ${as}.identity
          AND held.reserved_at = ${ofMs(`${as}.reserved_ms`)} AND held.partition IS NULL`;

/**
 * The reservations of one topic: who may write an event, and where it lies. Each call is one statement for many events;
 * rows are taken in the order of their identities, so that instances do not deadlock. Errors are the database's own.
 */
export class ReservationStore {
  constructor(
    private readonly pool: Pool,
    private readonly topic: string,
    private readonly windowMs: number,
  ) {}

  /**
   * Reserves every event that nobody has reserved within the window, and gives when: by identity. Those that are not in the
   * answer were reserved before. Called again with the same `attempt`, it gives the same: what it reserved is found again.
   * Identities must differ.
   */
  async reserve(requests: readonly ReservationRequest[], attempt: string): Promise<Map<string, number>> {
    const { rows } = await this.run<{ identity: string; reserved_ms: bigint }>(
      `
        INSERT INTO millrace.reservation AS held (topic, identity, content, schema_id, reserved_at, attempt)
        SELECT $1, identity, content, schema_id, ${NOW}, $5
        FROM unnest($2::uuid[], $3::uuid[], $4::int[]) AS asked (identity, content, schema_id)
        ORDER BY identity
        ON CONFLICT (identity) DO UPDATE SET
          content = excluded.content, schema_id = excluded.schema_id, attempt = excluded.attempt,
          reserved_at = CASE WHEN held.attempt = excluded.attempt THEN held.reserved_at ELSE excluded.reserved_at END,
          partition = NULL, record_offset = NULL
        WHERE held.reserved_at < excluded.reserved_at - $6 * interval '1 millisecond'
          OR (held.attempt = excluded.attempt AND held.partition IS NULL)
        RETURNING identity, ${asMs('reserved_at')} AS reserved_ms`,
      [
        this.topic,
        requests.map(({ identity }) => identity),
        requests.map(({ content }) => content),
        requests.map(({ schemaId }) => schemaId),
        attempt,
        this.windowMs,
      ],
    );
    return new Map(rows.map((row) => [row.identity, Number(row.reserved_ms)]));
  }

  /** The reservations of these identities, by identity; none for those that are not there. */
  async read(identities: readonly string[]): Promise<Map<string, Reservation>> {
    const { rows } = await this.run<ReservationRow>(
      `
        SELECT identity, content, schema_id, ${asMs('reserved_at')} AS reserved_ms,
          ${asMs('clock_timestamp()')} - ${asMs('reserved_at')} AS age_ms, partition, record_offset
        FROM millrace.reservation WHERE identity = ANY($1::uuid[])`,
      [identities],
    );
    return new Map(rows.map((row) => [row.identity, reservationOf(row)]));
  }

  /**
   * Notes where records lie, of those reservations that are still held so and open. PostgreSQL may lose it when it dies right
   * afterwards, which spares a wait for the disk: the log has the places.
   */
  async settle(settled: readonly (HeldReservation & ReservedPlace)[]): Promise<void> {
    await this.run(
      `
        UPDATE millrace.reservation AS held SET partition = found.partition, record_offset = found.record_offset
        FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::bigint[])
          AS found (identity, reserved_ms, partition, record_offset),
          (SELECT set_config('synchronous_commit', 'off', true)) AS commit
        WHERE ${stillHeld('found')}`,
      [
        ...heldArrays(settled),
        settled.map(({ partition }) => partition),
        settled.map(({ offset }) => offset),
      ],
    );
  }

  /** Takes over open reservations, of which it is certain that their records never will be in the log; gives those that were. */
  async takeOver(open: readonly HeldReservation[], attempt: string): Promise<Map<string, number>> {
    const { rows } = await this.run<{ identity: string; reserved_ms: bigint }>(
      `
        UPDATE millrace.reservation AS held SET reserved_at = ${NOW}, attempt = $3
        FROM unnest($1::uuid[], $2::bigint[]) AS open (identity, reserved_ms)
        WHERE ${stillHeld('open')}
        RETURNING held.identity, ${asMs('held.reserved_at')} AS reserved_ms`,
      [...heldArrays(open), attempt],
    );
    return new Map(rows.map((row) => [row.identity, Number(row.reserved_ms)]));
  }

  /** Gives back reservations whose records were never sent and never will be. */
  async release(unused: readonly HeldReservation[]): Promise<void> {
    await this.run(
      `
        DELETE FROM millrace.reservation AS held
        USING unnest($1::uuid[], $2::bigint[]) AS unused (identity, reserved_ms)
        WHERE ${stillHeld('unused')}`,
      [...heldArrays(unused)],
    );
  }

  /** Removes at most so many that are older than the window, the oldest first, and says how many it were. */
  async removeOld(limit: number): Promise<number> {
    const { rowCount } = await this.run(
      `
        DELETE FROM millrace.reservation WHERE identity IN (
          SELECT identity FROM millrace.reservation
          WHERE topic = $1 AND reserved_at < clock_timestamp() - $2 * interval '1 millisecond'
          ORDER BY reserved_at LIMIT $3 FOR UPDATE SKIP LOCKED)`,
      [this.topic, this.windowMs, limit],
    );
    return rowCount ?? 0;
  }

  /** A connection that lost an answer without a word would hold everything up for as long as the system takes to notice. */
  private run<Row extends QueryResultRow>(text: string, values: unknown[]): Promise<QueryResult<Row>> {
    const query = { text, values, query_timeout: ANSWER_WITHIN_MS };
    return this.pool.query<Row>(query);
  }
}

function heldArrays(held: readonly HeldReservation[]): [string[], number[]] {
  return [held.map(({ identity }) => identity), held.map(({ reservedAtMs }) => reservedAtMs)];
}

function reservationOf(row: ReservationRow): Reservation {
  const { identity, content, schema_id: schemaId, partition, record_offset: offset } = row;
  return {
    identity,
    content,
    schemaId,
    reservedAtMs: Number(row.reserved_ms),
    ageMs: Number(row.age_ms),
    place: partition === null || offset === null ? undefined : { partition, offset },
  };
}
