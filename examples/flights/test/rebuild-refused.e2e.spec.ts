import { openDatabase } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import { diffIds, silentLogger, waitFor } from '@millrace/testing';
import type { TestService } from '@millrace/testing';
import { FlightsUnderTest } from './flights-under-test';
import { Operator } from './operator';
import type { Run } from './operator';
import { MISREAD_DELAY_MINUTES } from './projections/flight-misread/index';

const TABLE = 'read_model.flight_v1_b2';

// Each test goes on where the one before it has left the stack.
describe('a rebuild of flight by code that makes mistakes', () => {
  let flights: FlightsUnderTest;
  let projection: TestService;
  let operator: Operator;
  let database: Database;
  let refused: Run;

  beforeAll(async () => {
    flights = await FlightsUnderTest.start();
    const [right, replay] = await Promise.all([
      flights.startService('projection'),
      flights.startService('replay'),
    ]);
    operator = new Operator(replay.url);
    const url = flights.stack.addresses.databaseUrl;
    database = openDatabase({ url, applicationName: 'specs', log: silentLogger });
    await flights.feed(1_500);
    await flights.expectReadModelsProven(right);
    await right.process.stop();
    projection = await flights.startService('projection', 'projection-misread', {
      PROJECTIONS: 'examples/flights/test/projections/flight-misread,examples/flights/projections/airport',
    });
  });

  afterAll(async () => {
    await database.end();
    await flights.stack.stop();
  });

  async function isThere(table: string): Promise<boolean> {
    const { rows } = await database.query<{ found: string | null }>('SELECT to_regclass($1)::text AS found', [
      table,
    ]);
    return rows[0]!.found !== null;
  }

  it('is refused, and names every row that came out otherwise', async () => {
    const misread = flights.fedFlights.filter(({ delay }) => delay === MISREAD_DELAY_MINUTES);
    const { id } = await operator.begin('flight');
    refused = await operator.settled(id);
    const { state, reason, proof } = refused;
    const { examples, ...counts } = proof!.differing;
    expect({ state, equal: proof!.equal }).toEqual({ state: 'refused', equal: false });
    expect(
      diffIds(
        misread.map((flight) => flight.id),
        examples.map(({ key }) => key),
      ),
    ).toEqual({ missing: [], extra: [] });
    expect(counts).toEqual({
      keys: String(misread.length),
      changed: String(misread.length),
      onlyLive: '0',
      onlyRebuilt: '0',
    });
    for (const { live, rebuilt } of examples) {
      expect(live).toMatchObject({ delayMinutes: MISREAD_DELAY_MINUTES });
      expect(rebuilt).toEqual({ ...live, delayMinutes: 0 });
    }
    expect(reason).toContain(`${misread.length} keys differ`);
    expect(reason).toContain(misread[0]!.id);
  });

  it('leaves the live rows as they are, and they go on being answered', async () => {
    await flights.expectReadModelsProven(projection);
    expect(await operator.projection('flight')).toMatchObject({ liveVersion: 1, liveBuild: 1 });
    expect(await operator.ask('POST', `/replays/${refused.id}/approve`)).toMatchObject({ status: 409 });
    expect(await operator.run(refused.id)).toMatchObject({ state: 'refused' });
  });

  it('keeps the rebuilt table for inspection until it is cancelled, then drops it', async () => {
    expect(await isThere(TABLE)).toBe(true);
    expect(await operator.steer(refused.id, 'cancel')).toMatchObject({ state: 'cancelled' });
    await waitFor('the table to be dropped', async () => !(await isThere(TABLE)));
    await flights.expectReadModelsProven(projection);
  });

  it('is done once the right code is deployed again', async () => {
    await projection.process.stop();
    const right = await flights.startService('projection', 'projection-right');
    const { id } = await operator.begin('flight');
    await operator.expectSwapped(id);
    await flights.feed(200);
    await flights.expectReadModelsProven(right);
  });
});
