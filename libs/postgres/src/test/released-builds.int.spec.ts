import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import { createPlatformDatabase, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import type { PoolClient } from 'pg';
import { inTransaction } from '../in-transaction';
import { dropReleasedBuilds, readBuilds, releaseKeptBuild, ReplayRuns, swapBuilds } from '../index';
import { beginRebuild, TrialProjector } from './trial-builds';
import { everyColumn } from './trial-projections';

describe('a build that is released', () => {
  let database: TestDatabase;
  let session: PoolClient;

  beforeAll(async () => {
    database = await createPlatformDatabase();
    session = await database.pool.connect();
  });

  afterAll(async () => {
    session.release();
    await database.drop();
  });

  const cancelled = async (name: string) => {
    const { run } = await beginRebuild(database.pool, everyColumn(name));
    await new ReplayRuns(database.pool).cancel(run.id);
    return run.build;
  };
  const age = () =>
    database.query("UPDATE millrace.projection_build SET changed_at = changed_at - interval '6 seconds'");
  /** Says that it has parked a key, and stands still in a partition. */
  const poison = (build: ProjectionBuild) =>
    database.pool.query(
      `WITH fenced AS (INSERT INTO millrace.key_fence (reader, topic, partition, fence, state, next_attempt_at)
                       VALUES ($1, 'trial', 0, 'ka', 'dead', now())),
            halted AS (INSERT INTO millrace.halted_partition (reader, topic, partition, record_offset, reason)
                       VALUES ($1, 'trial', 1, 5, 'no fold'))
       INSERT INTO millrace.parked_record (reader, topic, partition, record_offset, fence, state, headers, timestamp_ms)
       VALUES ($1, 'trial', 0, 1, 'ka', 'dead', '[]', 0)`,
      [readerOf(build)],
    );
  const remains = async (build: ProjectionBuild) => {
    const [found] = await database.query(
      `SELECT to_regclass('read_model.${build.projection}_v1_b2') IS NOT NULL AS "table",
              (SELECT count(*) FROM millrace.position WHERE reader = $1) AS positions,
              (SELECT count(*) FROM millrace.key_fence WHERE reader = $1)
              + (SELECT count(*) FROM millrace.parked_record WHERE reader = $1)
              + (SELECT count(*) FROM millrace.halted_partition WHERE reader = $1) AS poison`,
      [readerOf(build)],
    );
    return found;
  };

  it('is folded by nobody from then on, and is dropped only when everybody has had time to notice', async () => {
    const { run, rebuilt } = await beginRebuild(database.pool, everyColumn('slow'));
    await database.query('UPDATE millrace.position SET stop_at = NULL');
    const projection = everyColumn('slow');
    const projector = new TrialProjector(database.pool, {
      projection,
      build: rebuilt.build,
      rowsOf: () => new Map([['x', projection.empty]]),
    });
    projector.start();
    await waitFor('both partitions to be folded', async () => {
      const folded = 'SELECT FROM millrace.position WHERE reader = $1 AND next_offset > 0';
      return (await database.query(folded, [readerOf(rebuilt.build)])).length === 2;
    });
    await new ReplayRuns(database.pool).cancel(run.id);
    await expect(projector.stop()).rejects.toMatchObject({ code: 'FENCED' });

    expect(await dropReleasedBuilds(session)).toEqual([]);
    await poison(rebuilt.build);
    expect(await remains(rebuilt.build)).toEqual({ table: true, positions: 2n, poison: 3n });
    await age();
    expect(await dropReleasedBuilds(session)).toEqual(['read_model.slow_v1_b2']);
    expect(await remains(rebuilt.build)).toEqual({ table: false, positions: 0n, poison: 0n });
    expect(await dropReleasedBuilds(session)).toEqual([]);
  });

  it('waits for whoever uses its table, and nothing waits for it', async () => {
    const read = await cancelled('read');
    const viewed = await cancelled('viewed');
    const free = await cancelled('zfree');
    await age();
    await database.query('CREATE VIEW somebodys AS SELECT a_text FROM read_model.viewed_v1_b2');
    await inTransaction(database.pool, async (reader) => {
      await reader.query('SELECT FROM read_model.read_v1_b2');
      expect(await dropReleasedBuilds(session)).toEqual(['read_model.zfree_v1_b2']);
    });
    expect(await remains(free)).toEqual({ table: false, positions: 0n, poison: 0n });
    for (const build of [read, viewed])
      expect(await remains(build)).toEqual({ table: true, positions: 2n, poison: 0n });
    await database.query('DROP VIEW somebodys');
    expect(await dropReleasedBuilds(session)).toEqual(['read_model.read_v1_b2', 'read_model.viewed_v1_b2']);
  });

  it('is never the one that a rollback has made live in the same moment', async () => {
    const { live, rebuilt } = await beginRebuild(database.pool, everyColumn('raced'));
    await swapBuilds(session, { from: live, to: rebuilt, expected: 'building' });
    let releasing: Promise<unknown> | undefined;
    const rollback = await swapBuilds(session, {
      from: rebuilt,
      to: live,
      expected: 'previous',
      alongside: async () => {
        releasing = releaseKeptBuild(database.pool, 'raced').catch((error: unknown) => error);
        await waitFor('the release to wait for the rollback', async () => {
          const waiting =
            "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
          return (await database.query(waiting)).length === 1;
        });
        return true;
      },
    });
    expect(rollback).toMatchObject({ kind: 'swapped' });
    await releasing;
    const states = (await readBuilds(database.pool, ['raced'])).map(({ build, state }) => [build, state]);
    // Build 2 is the kept one by now: it was released, and what readers see is there.
    expect(states).toEqual([[1, 'live']]);
  });
});
