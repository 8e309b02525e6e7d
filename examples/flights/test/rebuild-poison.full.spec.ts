import { diffIds, waitFor } from '@millrace/testing';
import { POISON_DELAY_MINUTES } from './projections/flight-poisoned/index';
import { FOLDERS, RebuildsUnderTest } from './rebuilds-under-test';

interface Parked {
  readonly parked: readonly { readonly key: string; readonly build: number; readonly reason: string }[];
}

// Each test goes on where the one before it has left the stack.
describe('a rebuild of flight whose fold does not take every event', () => {
  let rebuilds: RebuildsUnderTest;
  /** The flights whose landing cannot be folded. */
  let poisoned: string[];

  beforeAll(async () => {
    rebuilds = await RebuildsUnderTest.start(1);
    await rebuilds.deploy('projection-poisoned', FOLDERS.flightPoisoned, FOLDERS.airport);
    await rebuilds.flights.feed(1_500);
    const { fedFlights } = rebuilds.flights;
    poisoned = fedFlights.filter(({ delay }) => delay === POISON_DELAY_MINUTES).map(({ id }) => id);
    await expectParked([1]);
  });

  afterAll(() => rebuilds.stop());

  const parked = async () =>
    (await rebuilds.operator.ask('GET', '/projections/flight/parked')).body as unknown as Parked;

  /** Each poisoned flight is parked in each of these builds, and no other. */
  async function expectParked(builds: readonly number[]): Promise<void> {
    const wanted = builds.flatMap((build) => poisoned.map((key) => `${build} ${key}`));
    await waitFor(
      `${wanted.length} parked keys`,
      async () => (await parked()).parked.length >= wanted.length,
    );
    const found = (await parked()).parked.map(({ build, key }) => `${build} ${key}`);
    expect(diffIds(wanted, found)).toEqual({ missing: [], extra: [] });
  }

  it('parks the same keys, is proven equal, and goes live with them', async () => {
    expect(poisoned.length).toBeGreaterThan(1);
    const { id } = await rebuilds.operator.begin('flight');
    const { proof } = await rebuilds.operator.expectSwapped(id);
    expect(proof).toMatchObject({
      parked: { live: poisoned.length, rebuilt: poisoned.length, differing: 0 },
    });
    await expectParked([1, 2]);
    const answer = await fetch(`${rebuilds.projection.url}/v1/projections/flight/${poisoned[0]}`);
    expect(await answer.json()).toMatchObject({
      row: { delayMinutes: null },
      parked: { events: 1, reason: expect.stringContaining('no such delay') as string },
    });
  });

  it('lets them on in both builds once a right fold is deployed and somebody asks for it', async () => {
    await rebuilds.deploy('projection-right', FOLDERS.flight, FOLDERS.airport);
    await expectParked([1, 2]);
    const asked = await rebuilds.operator.ask('POST', '/projections/flight/parked/retry', { all: true });
    expect(asked.status).toBe(200);
    await waitFor('nothing to be parked', async () => (await parked()).parked.length === 0);
    await rebuilds.expectProven();
  });

  it('equals a rebuild by the right fold afterwards', async () => {
    await rebuilds.operator.settle('flight', 'release');
    const { id } = await rebuilds.operator.begin('flight');
    const { proof } = await rebuilds.operator.expectSwapped(id);
    expect(proof).toMatchObject({ parked: { live: 0, rebuilt: 0, differing: 0 } });
    await rebuilds.flights.feed(200);
    await rebuilds.expectProven();
  });
});
