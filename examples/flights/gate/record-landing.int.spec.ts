import { migrate } from '@millrace/postgres';
import { outboxMigrations } from '@millrace/outbox';
import { createTestDatabase, silentLogger } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { Kysely, PostgresDialect } from 'kysely';
import { recordLanding } from './record-landing';
import type { GateDatabase } from './record-landing';

describe('the gate, a service with an outbox and kysely', () => {
  let database: TestDatabase;
  let gate: Kysely<GateDatabase>;

  beforeAll(async () => {
    database = await createTestDatabase();
    await migrate(database.pool, [outboxMigrations], silentLogger);
    await database.query(`CREATE SCHEMA gate;
      CREATE TABLE gate.flight (flight_id text PRIMARY KEY, origin text NOT NULL, destination text NOT NULL, delay_minutes float8);
      INSERT INTO gate.flight SELECT 'f' || n, 'ATL', 'BOS' FROM generate_series(1, 3) n`);
    gate = new Kysely<GateDatabase>({ dialect: new PostgresDialect({ pool: database.pool }) });
  });

  afterAll(() => database.drop());

  const appended = () =>
    database.query('SELECT type, key, source, data FROM millrace_outbox.event ORDER BY number');
  const delayOf = async (flightId: string) =>
    (await database.query('SELECT delay_minutes FROM gate.flight WHERE flight_id = $1', [flightId]))[0];

  it('appends an event in the transaction that changes its state, once', async () => {
    await recordLanding(gate, { flightId: 'f1', delayMinutes: 7 });
    await recordLanding(gate, { flightId: 'f1', delayMinutes: 9 });
    expect(await delayOf('f1')).toEqual({ delay_minutes: 7 });
    expect(await appended()).toEqual([
      {
        type: 'flights.FlightLanded',
        key: 'f1',
        source: '/gate',
        data: { flightId: 'f1', origin: 'ATL', destination: 'BOS', delayMinutes: 7 },
      },
    ]);
  });

  it('keeps its state when the event is refused', async () => {
    const before = await appended();
    // The column would take it; the schema does not.
    await expect(recordLanding(gate, { flightId: 'f2', delayMinutes: 0.5 })).rejects.toMatchObject({
      code: 'EVENT_INVALID',
    });
    expect(await delayOf('f2')).toEqual({ delay_minutes: null });
    expect(await appended()).toEqual(before);
  });
});
