import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { openDatabase } from '@millrace/postgres';
import { createTestDatabase, silentLogger, uniqueName, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { Outbox, outboxMigrationSql } from '../index';
import type { OutboxAttributes } from '../index';
import { createOutboxDatabase, OpenTransaction } from './outbox-database';

const outbox = new Outbox({ source: '/gate' });
const landed = (flightId: string, delayMinutes = 3): FlightLanded => ({
  flightId,
  origin: 'ATL',
  destination: 'BOS',
  delayMinutes,
});

describe('the outbox', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createOutboxDatabase();
  });

  afterAll(() => database.drop());

  const numbersOf = async (key: string) =>
    (
      await database.query<{ id: string }>(
        'SELECT id FROM millrace_outbox.event WHERE key = $1 ORDER BY number',
        [key],
      )
    ).map(({ id }) => id);

  it('keeps an event with the transaction, and nothing of one that is rolled back', async () => {
    const time = new Date('2001-04-01T09:00:00.123Z');
    const departed = {
      flightId: 'kept',
      origin: 'SFO',
      destination: 'SEA',
      departedAt: new Date('2001-04-01T09:00:00Z'),
      distanceMiles: 679,
    };
    const kept = await OpenTransaction.begin(database);
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const appended = await outbox.append(kept.tx, FlightDeparted, departed, {
      id: 'kept-1',
      time,
      subject: 'gate 7',
      traceparent: trace,
      extensions: { tenant: 'Zürich' },
    });
    expect(appended).toEqual({ topic: 'flights', source: '/gate', id: 'kept-1' });
    await kept.commit();
    const given = await OpenTransaction.begin(database);
    await outbox.append(given.tx, FlightLanded, landed('kept'));
    await given.rollback();

    expect(await database.query(`SELECT * FROM millrace_outbox.event WHERE key = 'kept'`)).toEqual([
      {
        number: expect.any(BigInt) as unknown,
        appended_at: expect.any(Date) as unknown,
        topic: 'flights',
        key: 'kept',
        type: 'flights.FlightDeparted',
        id: 'kept-1',
        source: '/gate',
        time,
        subject: 'gate 7',
        traceparent: trace,
        extensions: { tenant: 'Zürich' },
        data: { ...departed, departedAt: '2001-04-01T09:00:00.000Z' },
      },
    ]);
  });

  it('gives an event without an id one of its own', async () => {
    const open = await OpenTransaction.begin(database);
    const ids = [
      (await outbox.append(open.tx, FlightLanded, landed('ids'))).id,
      (await outbox.append(open.tx, FlightLanded, landed('ids'))).id,
    ];
    await open.commit();
    expect(new Set(ids).size).toBe(2);
    expect(await numbersOf('ids')).toEqual(ids);
  });

  it.each([
    ['breaks the schema', { ...landed('bad'), delayMinutes: 'late' }, {}, 'EVENT_INVALID', '/delayMinutes'],
    [
      'has a field that the schema does not have',
      { ...landed('bad'), gate: 7 },
      {},
      'EVENT_INVALID',
      '/gate',
    ],
    ['has no key', landed(''), {}, 'EVENT_INVALID', '/flightId'],
    ['has an id that is none', landed('bad'), { id: '' }, 'OUTBOX_ATTRIBUTE_INVALID', 'id'],
    ['has a source with a space', landed('bad'), { source: '/a b' }, 'OUTBOX_ATTRIBUTE_INVALID', 'source'],
    ['has no time', landed('bad'), { time: new Date(NaN) }, 'OUTBOX_ATTRIBUTE_INVALID', 'time'],
    [
      'has an extension that is none',
      landed('bad'),
      { extensions: { 'Not-One': 'x' } },
      'OUTBOX_ATTRIBUTE_INVALID',
      'Not-One',
    ],
    [
      'has extensions that are too large',
      landed('bad'),
      { extensions: { note: 'x'.repeat(4_100) } },
      'OUTBOX_ATTRIBUTE_INVALID',
      'at most 4096 bytes',
    ],
    ['is too large', landed('bad'), { size: true }, 'OUTBOX_EVENT_TOO_LARGE', 'at most 20'],
  ])('refuses an event that %s before anything is sent', async (_what, value, attributes, code, where) => {
    const small = new Outbox({ source: '/gate', maxEventBytes: 20 });
    const open = await OpenTransaction.begin(database);
    const appending = ('size' in attributes ? small : outbox).append(
      open.tx,
      FlightLanded,
      value as FlightLanded,
      attributes as OutboxAttributes,
    );
    await expect(appending).rejects.toMatchObject({
      code,
      message: expect.stringContaining(where) as unknown,
    });
    // The transaction is as it was.
    await outbox.append(open.tx, FlightLanded, landed('good'));
    await open.rollback();
    expect(await numbersOf('bad')).toEqual([]);
  });

  it('refuses a pool, on which the event would not share the transaction', async () => {
    await expect(outbox.append(database.pool, FlightLanded, landed('pool'))).rejects.toMatchObject({
      code: 'OUTBOX_OUTSIDE_TRANSACTION',
    });
    expect(await numbersOf('pool')).toEqual([]);
  });

  it('says when the database has no outbox', async () => {
    const bare = await createTestDatabase();
    const open = await OpenTransaction.begin(bare);
    await expect(outbox.append(open.tx, FlightLanded, landed('bare'))).rejects.toMatchObject({
      code: 'OUTBOX_NOT_INSTALLED',
    });
    await open.rollback();
    await bare.drop();
  });

  it('gives the events of a key numbers in the order of the commits, and lets other keys pass', async () => {
    const first = await OpenTransaction.begin(database);
    // It has an id before the other one, which will be first.
    await first.tx.query('SELECT pg_current_xact_id()');
    const second = await OpenTransaction.begin(database);
    await outbox.append(second.tx, FlightLanded, landed('order'), { id: 'order-1' });
    const appending = outbox.append(first.tx, FlightLanded, landed('order'), { id: 'order-2' });
    await waitFor('the other one to wait for its lock', async () => {
      const waiting = await database.query(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
      );
      return waiting.length === 1;
    });
    const third = await OpenTransaction.begin(database);
    await outbox.append(third.tx, FlightLanded, landed('another'));
    await third.commit();
    await second.commit();
    await appending;
    await first.commit();
    expect(await numbersOf('order')).toEqual(['order-1', 'order-2']);
  });

  it('wakes the relay when it sleeps, and only then', async () => {
    const listener = await database.pool.connect();
    const heard: string[] = [];
    listener.on('notification', ({ channel }) => heard.push(channel));
    await listener.query('LISTEN millrace_outbox');
    const appendOne = async (): Promise<void> => {
      const open = await OpenTransaction.begin(database);
      await outbox.append(open.tx, FlightLanded, landed('wake'));
      await open.commit();
    };
    await database.query(`SELECT setval('millrace_outbox.relay_sleeps', 1)`);
    await appendOne();
    await listener.query('SELECT 1');
    expect(heard).toEqual([]);
    await database.query(`SELECT setval('millrace_outbox.relay_sleeps', 2)`);
    await appendOne();
    await waitFor('the notification', () => heard.length > 0);
    expect(heard).toEqual(['millrace_outbox']);
    listener.release(true);
  });
});

describe('the rights at an outbox', () => {
  it('of a service are to append, and nothing else; the relay may do what it does', async () => {
    const database = await createTestDatabase();
    await database.query(outboxMigrationSql());
    const service = uniqueName('service').replace('-', '_');
    const relay = uniqueName('relay').replace('-', '_');
    for (const role of [service, relay]) await database.query(`CREATE ROLE ${role} LOGIN PASSWORD 'x'`);
    await database.query(
      `SELECT millrace_outbox.let_append('${service}'), millrace_outbox.let_relay('${relay}')`,
    );
    const as = (role: string) => {
      const url = new URL(database.url);
      [url.username, url.password] = [role, 'x'];
      return openDatabase({ url: url.href, applicationName: role, log: silentLogger });
    };
    const [servicePool, relayPool] = [as(service), as(relay)];
    const open = await OpenTransaction.begin({ pool: servicePool });
    await outbox.append(open.tx, FlightLanded, landed('rights'));
    await open.commit();
    for (const forbidden of [
      'SELECT FROM millrace_outbox.event',
      'DELETE FROM millrace_outbox.event',
      'UPDATE millrace_outbox.relay SET position = 7',
      'SELECT millrace_outbox.keep_partitions(10, 1)',
      `SELECT millrace_outbox.let_relay('${service}')`,
    ]) {
      await expect(servicePool.query(forbidden)).rejects.toMatchObject({ code: '42501' });
    }
    await relayPool.query('UPDATE millrace_outbox.relay SET position = 1');
    expect((await relayPool.query('SELECT FROM millrace_outbox.event')).rowCount).toBe(1);
    await expect(relayPool.query('DELETE FROM millrace_outbox.event')).rejects.toMatchObject({
      code: '42501',
    });
    await relayPool.query('SELECT millrace_outbox.keep_partitions(10, 1)');
    await Promise.all([servicePool.end(), relayPool.end()]);
    for (const role of [service, relay]) await database.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    await database.drop();
  });
});
