import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createTestDatabase, silentLogger } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import {
  migrate,
  platformMigrations,
  PositionStore,
  prepareProjection,
  ProjectionQuery,
  readBuilds,
} from '../index';
import { beginRebuild } from './trial-builds';
import { everyColumn } from './trial-projections';

/** The columns that there were then. */
const KNOWN = ['aText', 'anInteger', 'aBigint', 'aDouble', 'aBoolean', 'aTimestamp'];
const latest = everyColumn('thing', 3);
const thing = { ...latest, columns: latest.columns.filter(({ name }) => KNOWN.includes(name)) };
/** What the release before builds had numbers has left behind. */
const LEFT_BEHIND = `
  INSERT INTO millrace.projection (name, live_version, layout) VALUES ('thing', 3, '{"kind": "entity", "key": "thingId",
    "columns": [["aText", "text", null], ["anInteger", "integer", null], ["aBigint", "bigint", null],
                ["aDouble", "double", null], ["aBoolean", "boolean", null], ["aTimestamp", "timestamp", null]]}');
  CREATE TABLE read_model.thing_v3 (thing_id text NOT NULL, a_text text, an_integer integer, a_bigint bigint,
    a_double double precision, a_boolean boolean, a_timestamp timestamptz, PRIMARY KEY (thing_id));
  CREATE VIEW read_model.thing AS
    SELECT thing_id, a_text, an_integer, a_bigint, a_double, a_boolean, a_timestamp FROM read_model.thing_v3;
  INSERT INTO read_model.thing_v3 (thing_id, a_text) VALUES ('x', 'kept');
  INSERT INTO millrace.position (reader, topic, partition, next_offset, epoch, partition_count)
    VALUES ('projection/thing@3', 'trial', 0, 42, 7, 1)`;

describe('the migration to numbered builds', () => {
  let database: TestDatabase;
  let folder: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    folder = await mkdtemp(join(tmpdir(), 'millrace-migrations-'));
  });

  afterAll(async () => {
    await database.drop();
    await rm(folder, { recursive: true });
  });

  it('makes the first build of what was there, with its rows, its positions and its owner', async () => {
    const name = '0001_positions.sql';
    await copyFile(new URL(name, platformMigrations.directory), join(folder, name));
    const former = { ...platformMigrations, directory: pathToFileURL(`${folder}/`) };
    await migrate(database.pool, [former], silentLogger);
    await database.query(LEFT_BEHIND);

    await migrate(database.pool, [platformMigrations], silentLogger);
    const narrower = { ...thing, columns: thing.columns.slice(1) };
    await expect(prepareProjection(database.pool, narrower)).rejects.toMatchObject({
      code: 'PROJECTION_LAYOUT',
    });
    await prepareProjection(database.pool, thing);
    await prepareProjection(database.pool, everyColumn('thing', 4));
    const first = { projection: 'thing', version: 3, build: 1 };
    expect(await readBuilds(database.pool, ['thing'])).toMatchObject([{ ...first, state: 'live' }]);
    expect(await new ProjectionQuery(database.pool, thing).byKey('x')).toMatchObject({
      rows: [{ thingId: 'x', aText: 'kept' }],
      positions: ['trial/0/41'],
      build: first,
    });
    const store = new PositionStore(database.pool, 'projection/thing@3');
    await store.commit(
      { topic: 'trial', partition: 0 },
      { epoch: 7n, from: 42n, to: 43n },
      async () => undefined,
    );

    const { run } = await beginRebuild(database.pool, thing);
    expect(run).toMatchObject({ build: { version: 3, build: 2 }, replaces: { version: 3 } });
  });
});
