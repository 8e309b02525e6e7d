import { crashPoint } from '@millrace/contracts';
import type { Position } from '@millrace/event';
import type { Pool } from 'pg';
import type { BuildState } from '../projection-builds';
import { NotParkedError } from './errors';
import { ParkedRecords } from './parked-records';
import { HEAD_OF_FENCE } from './parked-sql';

/** An event that a build cannot fold, and what waits for it. */
export interface PoisonEvent extends Position {
  readonly build: number;
  readonly version: number;
  readonly state: BuildState;
  /** The key that is parked; null where the whole partition stands still. */
  readonly key: string | null;
  readonly since: Date;
  /** The words of the error. They may hold values of the event. */
  readonly reason: string;
  /** That wait behind it in the queue of its key, itself included; 0 where the partition stands still. */
  readonly events: number;
  /** It is being tried again, or its queue is being folded, and cannot be skipped now. */
  readonly isTried: boolean;
}

/** Of one partition of one build that has any. */
export interface PoisonCounts {
  readonly reader: string;
  readonly topic: string;
  readonly partition: number;
  readonly keys: number;
  /** Behind all of them, those that failed included. */
  readonly events: number;
  readonly isHalted: boolean;
}

/** Which of them. */
export type PoisonFilter =
  { readonly key: string } | { readonly positions: readonly Position[] } | { readonly all: true };

interface PoisonRow {
  build: number;
  version: number;
  state: BuildState;
  topic: string;
  partition: number;
  record_offset: bigint;
  key: Buffer | null;
  since: Date;
  reason: string | null;
  events: number;
  is_tried: boolean;
}

/** Halts that mean something: the position has not passed the event. */
const STANDING = `millrace.halted_partition AS halted JOIN millrace.position AS place
  ON place.reader = halted.reader AND place.topic = halted.topic AND place.partition = halted.partition
     AND place.next_offset <= halted.record_offset`;
const KEPT = "build.projection = $1 AND build.state <> 'released'";

/**
 * The events that projections cannot fold, as people see them and decide, from any process, over all builds of a projection
 * that are kept. The owner of a partition goes on with it within a second.
 */
export class PoisonEvents {
  constructor(private readonly pool: Pool) {}

  /** By build, topic, partition and offset, behind `after`, at most `limit`. */
  async list(
    projection: string,
    { limit, after }: { readonly limit: number; readonly after?: Position & { readonly build: number } },
  ): Promise<PoisonEvent[]> {
    const { rows } = await this.pool.query<PoisonRow>(
      `SELECT * FROM (
         SELECT build.build, build.version, build.state, fence.topic, fence.partition, head.record_offset, head.key,
                fence.fenced_at AS since, head.error_message AS reason, behind.events, fence.state = 'parked' AS is_tried
           FROM millrace.projection_build AS build JOIN millrace.key_fence AS fence USING (reader) ${HEAD_OF_FENCE}
          WHERE ${KEPT}
         UNION ALL
         SELECT build.build, build.version, build.state, halted.topic, halted.partition, halted.record_offset, NULL,
                halted.halted_at, halted.reason, 0, halted.retry_requested_at IS NOT NULL
           FROM millrace.projection_build AS build JOIN ${STANDING} ON halted.reader = build.reader
          WHERE ${KEPT}) AS poison
        WHERE $2::int IS NULL
           OR (poison.build, poison.topic, poison.partition, poison.record_offset) > ($2, $3, $4::int, $5::bigint)
        ORDER BY build, topic, partition, record_offset LIMIT $6`,
      [
        projection,
        ...[after?.build ?? null, after?.topic ?? null, after?.partition ?? null, after?.offset ?? null],
        limit,
      ],
    );
    return rows.map(({ record_offset: offset, key, reason, is_tried: isTried, ...row }) => ({
      ...row,
      ...{ isTried, offset, key: key?.toString() ?? null, reason: reason ?? '' },
    }));
  }

  /** Of these readers, or of every projection's builds. */
  async counts(readers?: readonly string[]): Promise<PoisonCounts[]> {
    const { rows } = await this.pool.query<PoisonCounts>(
      `SELECT reader, topic, partition, sum(keys)::int AS keys, sum(events)::int AS events,
              bool_or(halted) AS "isHalted"
         FROM (SELECT reader, topic, partition, count(DISTINCT fence) AS keys, count(*) AS events, false AS halted
                 FROM millrace.parked_record GROUP BY reader, topic, partition
               UNION ALL
               SELECT halted.reader, halted.topic, halted.partition, 0, 0, true FROM ${STANDING}) AS poison
        WHERE CASE WHEN $1::text[] IS NULL THEN reader LIKE 'projection/%' ELSE reader = ANY($1) END
        GROUP BY reader, topic, partition ORDER BY reader, topic, partition`,
      [readers ?? null],
    );
    return rows;
  }

  /**
   * Has them tried again by all builds: queues from their first event on, partitions from where they stand. Idempotent. Gives
   * how many keys and partitions it was, those of each build counted.
   * @throws NotParkedError when none is meant, unless all are
   */
  async retry(
    projection: string,
    filter: PoisonFilter,
  ): Promise<{ readonly keys: number; readonly partitions: number }> {
    let keys = 0;
    for (const { reader } of await this.builds(projection)) {
      const which = 'all' in filter ? {} : filter;
      keys += await new ParkedRecords(this.pool, reader).redrive({ state: 'dead', ...which });
    }
    const partitions = 'key' in filter ? 0 : await this.retryHalted(projection, filter);
    if (keys + partitions === 0 && !('all' in filter)) throw new NotParkedError(projection, wordsOf(filter));
    return { keys, partitions };
  }

  /**
   * Goes on without one event, for good, in each version that cannot fold it: all their builds leave it out, those that are
   * made later too. Gives these versions.
   * @throws NotParkedError when no build stands before it
   */
  async skip(projection: string, position: Position, reason: string): Promise<readonly number[]> {
    const { topic, partition, offset } = position;
    const { rows } = await this.pool.query<{ version: number }>(
      `INSERT INTO millrace.skipped_event (projection, version, topic, partition, record_offset, reason)
       SELECT DISTINCT $1, build.version, $2, $3::int, $4::bigint, $5 FROM millrace.projection_build AS build
        WHERE ${KEPT}
          AND (EXISTS (SELECT FROM millrace.parked_record AS parked
                        WHERE parked.reader = build.reader AND parked.topic = $2 AND parked.partition = $3
                          AND parked.record_offset = $4 AND parked.state = 'dead')
            OR EXISTS (SELECT FROM ${STANDING}
                        WHERE halted.reader = build.reader AND halted.topic = $2 AND halted.partition = $3
                          AND halted.record_offset = $4))
       ON CONFLICT (projection, version, topic, partition, record_offset) DO UPDATE SET reason = EXCLUDED.reason
       RETURNING version`,
      [projection, topic, partition, offset, reason],
    );
    if (rows.length === 0) throw new NotParkedError(projection, wordsOf({ positions: [position] }));
    crashPoint('event-skipped');
    const versions = rows.map(({ version }) => version);
    // Only so that it is done at once: owners look for it themselves.
    for (const { reader, version } of await this.builds(projection)) {
      if (!versions.includes(version)) continue;
      await new ParkedRecords(this.pool, reader).discard({ state: 'dead', positions: [position] });
    }
    return versions.toSorted((a, b) => a - b);
  }

  private async retryHalted(
    projection: string,
    filter: Exclude<PoisonFilter, { key: string }>,
  ): Promise<number> {
    const positions = 'positions' in filter ? filter.positions : undefined;
    const { rowCount } = await this.pool.query(
      `UPDATE millrace.halted_partition AS wanted SET retry_requested_at = now()
         FROM millrace.projection_build AS build JOIN ${STANDING} ON halted.reader = build.reader
        WHERE ${KEPT} AND wanted.reader = halted.reader AND wanted.topic = halted.topic
          AND wanted.partition = halted.partition
          AND ($2::text[] IS NULL OR (halted.topic, halted.partition, halted.record_offset) IN
                (SELECT * FROM unnest($2::text[], $3::int[], $4::bigint[])))`,
      [
        projection,
        positions?.map(({ topic }) => topic) ?? null,
        positions?.map(({ partition }) => partition) ?? null,
        positions?.map(({ offset }) => offset) ?? null,
      ],
    );
    return rowCount ?? 0;
  }

  /** In one order, so that two people who decide do not wait for each other in a circle. */
  private async builds(
    projection: string,
  ): Promise<readonly { readonly reader: string; readonly version: number }[]> {
    const { rows } = await this.pool.query<{ reader: string; version: number }>(
      `SELECT reader, version FROM millrace.projection_build AS build WHERE ${KEPT} ORDER BY build`,
      [projection],
    );
    return rows;
  }
}

function wordsOf(filter: Exclude<PoisonFilter, { all: true }>): string {
  if ('key' in filter) return 'this key is not parked';
  const places = filter.positions
    .slice(0, 3)
    .map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`);
  return `no build stands before ${places.join(', ')}`;
}
