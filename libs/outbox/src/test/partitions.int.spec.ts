import { FlightLanded } from '@millrace/contracts';
import type { TestDatabase } from '@millrace/testing';
import { Outbox } from '../index';
import { createOutboxDatabase, OpenTransaction } from './outbox-database';

const outbox = new Outbox({ source: '/gate' });

describe('the partitions of an outbox', () => {
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createOutboxDatabase();
    // What the migration makes is too large to be filled here.
    await database.query('DROP TABLE millrace_outbox.event_1, millrace_outbox.event_100001');
    await database.query('DELETE FROM millrace_outbox.event_partition');
  });

  afterEach(() => database.drop());

  const append = async (count: number): Promise<void> => {
    const open = await OpenTransaction.begin(database);
    for (let each = 0; each < count; each++) {
      const landed = { flightId: 'k', origin: 'ATL', destination: 'BOS', delayMinutes: each };
      await outbox.append(open.tx, FlightLanded, landed);
    }
    await open.commit();
  };
  const keep = async () =>
    (
      await database.query<{ made: number; dropped: number }>(
        'SELECT * FROM millrace_outbox.keep_partitions(10, 2)',
      )
    )[0];
  const moveTo = (position: number) =>
    database.query('UPDATE millrace_outbox.relay SET position = $1', [position]);
  const rowsIn = async () =>
    (
      await database.query<{ name: string; rows: number }>(
        `SELECT tableoid::regclass::text AS name, count(*)::int AS rows FROM millrace_outbox.event GROUP BY 1 ORDER BY min(number)`,
      )
    ).map(({ name, rows }) => `${name.replace('millrace_outbox.', '')}: ${rows}`);

  it('are made ahead, filled one after the other, and dropped when all in them is published', async () => {
    expect(await keep()).toEqual({ made: 2, dropped: 0 });
    await append(25);
    expect(await rowsIn()).toEqual(['event_1: 10', 'event_11: 10', 'event_overflow: 5']);
    await moveTo(19);
    expect(await keep()).toEqual({ made: 2, dropped: 1 });
    expect(await rowsIn()).toEqual(['event_11: 10', 'event_overflow: 5']);
    await moveTo(20);
    expect(await keep()).toEqual({ made: 0, dropped: 1 });
    expect(await rowsIn()).toEqual(['event_overflow: 5']);
  });

  it('begin again behind what went to the overflow, which is emptied of what is published', async () => {
    await append(3);
    expect(await keep()).toEqual({ made: 2, dropped: 0 });
    await append(15);
    expect(await rowsIn()).toEqual(['event_overflow: 12', 'event_13: 6']);
    await moveTo(12);
    await keep();
    expect(await rowsIn()).toEqual(['event_13: 6']);
    expect(await keep()).toEqual({ made: 0, dropped: 0 });
  });

  it('are left alone while somebody uses the table, and those who append do not wait', async () => {
    await keep();
    await append(10);
    await moveTo(10);
    const open = await OpenTransaction.begin(database);
    await outbox.append(open.tx, FlightLanded, {
      flightId: 'open',
      origin: 'A',
      destination: 'B',
      delayMinutes: 0,
    });
    await expect(keep()).rejects.toMatchObject({ code: '55P03' });
    await append(1);
    await open.commit();
    expect(await keep()).toMatchObject({ dropped: 1 });
    expect(await rowsIn()).toEqual(['event_11: 2']);
  });
});
