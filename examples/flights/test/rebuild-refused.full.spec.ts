import { diffIds } from '@millrace/testing';
import type { Run } from './operator';
import { MISREAD_DELAY_MINUTES } from './projections/flight-misread/index';
import { FOLDERS, RebuildsUnderTest } from './rebuilds-under-test';

// Each test goes on where the one before it has left the stack.
describe('a rebuild of flight by code that makes mistakes', () => {
  let rebuilds: RebuildsUnderTest;
  let refused: Run;

  beforeAll(async () => {
    rebuilds = await RebuildsUnderTest.start(1_500);
    await rebuilds.deploy('projection-misread', FOLDERS.flightMisread, FOLDERS.airport);
  });

  afterAll(() => rebuilds.stop());

  it('is refused, and names every row that came out otherwise', async () => {
    const misread = rebuilds.flights.fedFlights.filter(({ delay }) => delay === MISREAD_DELAY_MINUTES);
    const { id } = await rebuilds.operator.begin('flight');
    refused = await rebuilds.operator.settled(id);
    const { state, reason, proof } = refused;
    const { examples, ...counts } = proof!.differing;
    expect({ state, equal: proof!.equal }).toEqual({ state: 'refused', equal: false });
    const named = examples.map(({ key }) => key);
    const expected = misread.map((flight) => flight.id);
    expect(diffIds(expected, named)).toEqual({ missing: [], extra: [] });
    const changed = String(misread.length);
    const columns = { delayMinutes: changed };
    expect(counts).toEqual({ keys: changed, changed, onlyLive: '0', onlyRebuilt: '0', columns });
    for (const { live, rebuilt } of examples) {
      expect(live).toMatchObject({ delayMinutes: MISREAD_DELAY_MINUTES });
      expect(rebuilt).toEqual({ ...live, delayMinutes: 0 });
    }
    expect(reason).toContain(`${changed} keys differ, the first of them ${named.slice(0, 3).join(', ')}`);
  });

  it('leaves the live rows as they are, and they go on being answered', async () => {
    const { operator } = rebuilds;
    await rebuilds.expectProven();
    expect(await operator.projection('flight')).toMatchObject({ liveVersion: 1, liveBuild: 1 });
    expect(await operator.ask('POST', `/replays/${refused.id}/approve`)).toMatchObject({ status: 409 });
    expect(await operator.run(refused.id)).toMatchObject({ state: 'refused' });
  });

  it('keeps the rebuilt table for inspection until it is cancelled, then drops it', async () => {
    const table = 'read_model.flight_v1_b2';
    expect(await rebuilds.isThere(table)).toBe(true);
    expect(await rebuilds.operator.steer(refused.id, 'cancel')).toMatchObject({ state: 'cancelled' });
    await rebuilds.expectDropped(table);
    await rebuilds.expectProven();
  });

  it('is done once the right code is deployed again', async () => {
    await rebuilds.deploy('projection-right', FOLDERS.flight, FOLDERS.airport);
    const { id } = await rebuilds.operator.begin('flight');
    await rebuilds.operator.expectSwapped(id);
    await rebuilds.flights.feed(200);
    await rebuilds.expectProven();
  });
});
