import type { Flight } from '../feeder/flight';
import type { FlightsUnderTest } from './flights-under-test';
import type { Operator, Run } from './operator';
import { FOLDERS, RebuildsUnderTest } from './rebuilds-under-test';

interface Landings {
  arrivals: number;
  onTime: number;
  worst: number;
  /** Late by less than what version 1 forgives. */
  forgiven: number;
}

/** What version 2 has to make of the flights, without any code of the platform. */
function landingsOf(flights: readonly Flight[]): Map<string, Landings> {
  const landings = new Map<string, Landings>();
  for (const { destination, delay } of flights) {
    const found = landings.get(destination) ?? { arrivals: 0, onTime: 0, worst: delay, forgiven: 0 };
    landings.set(destination, {
      arrivals: found.arrivals + 1,
      onTime: found.onTime + (delay <= 0 ? 1 : 0),
      worst: Math.max(found.worst, delay),
      forgiven: found.forgiven + (delay > 0 && delay < 15 ? 1 : 0),
    });
  }
  return landings;
}

// Each test goes on where the one before it has left the stack.
describe('a rebuild of airport with changed logic', () => {
  let rebuilds: RebuildsUnderTest;
  let flights: FlightsUnderTest;
  let operator: Operator;
  let run: Run;

  beforeAll(async () => {
    rebuilds = await RebuildsUnderTest.start(1_500);
    ({ flights, operator } = rebuilds);
    await rebuilds.database.query(
      'CREATE ROLE analyst; GRANT USAGE ON SCHEMA read_model TO analyst; GRANT SELECT ON read_model.airport TO analyst',
    );
    await rebuilds.deploy('projection-both', FOLDERS.flight, FOLDERS.airport, FOLDERS.airportV2);
  });

  afterAll(() => rebuilds.stop());

  /** What somebody sees who was granted the view and nothing else. */
  async function columnsForAnalyst(): Promise<string[]> {
    const client = await rebuilds.database.connect();
    try {
      await client.query('SET ROLE analyst');
      const { fields } = await client.query('SELECT * FROM read_model.airport LIMIT 1');
      return fields.map(({ name }) => name);
    } finally {
      client.release(true);
    }
  }

  async function expectSecondVersion(): Promise<void> {
    const atLeast = encodeURIComponent(flights.positions.join(','));
    const response = await fetch(
      `${rebuilds.projection.url}/v1/projections/airport?limit=1000&at-least=${atLeast}`,
    );
    const { rows } = (await response.json()) as { rows: Record<string, unknown>[] };
    const landed = rows.filter(({ arrivals }) => arrivals !== '0');
    const shown = landed.map(({ airport, arrivals, onTimeArrivals, worstDelayMinutes }) =>
      [airport, arrivals, onTimeArrivals, worstDelayMinutes].join(' '),
    );
    const expected = [...landingsOf(flights.fedFlights)].map(([airport, { arrivals, onTime, worst }]) =>
      [airport, arrivals, onTime, worst].join(' '),
    );
    expect(shown).toEqual(expected.sort());
  }

  it('waits for a review, and shows each airport that would change', async () => {
    const { id } = await operator.begin('airport', 2);
    run = await operator.settled(id);
    expect(run).toMatchObject({ state: 'review', proof: { equal: false, sameLogic: false } });
    const changed = [...landingsOf(flights.fedFlights)].filter(([, { forgiven }]) => forgiven > 0).sort();
    const { examples, ...counts } = run.proof!.differing;
    const keys = String(changed.length);
    const columns = { onTimeArrivals: keys };
    expect(counts).toEqual({ keys, changed: keys, columns, onlyLive: '0', onlyRebuilt: '0' });
    const shown = examples.map(({ key, live, rebuilt }) => [
      key,
      live!['onTimeArrivals'],
      rebuilt!['onTimeArrivals'],
    ]);
    const expected = changed.map(([key, { onTime, forgiven }]) => [
      key,
      String(onTime + forgiven),
      String(onTime),
    ]);
    expect(shown).toEqual(expected.slice(0, shown.length));
    expect(shown.length).toBeGreaterThan(0);
  });

  it('leaves version 1 to the readers until it is approved', async () => {
    await flights.feed(300);
    await rebuilds.expectProven();
    expect(await operator.projection('airport')).toMatchObject({ liveVersion: 1, liveBuild: 1 });
    expect(await columnsForAnalyst()).not.toContain('worst_delay_minutes');
    expect(await operator.run(run.id)).toMatchObject({ state: 'review' });
  });

  it('shows version 2 once it is approved, in SQL too, and no reader sees the change happen', async () => {
    await rebuilds.expectUnnoticed(async () => {
      await operator.steer(run.id, 'approve');
      expect(await operator.settled(run.id)).toMatchObject({ state: 'done' });
    });
    expect(await operator.projection('airport')).toMatchObject({ liveVersion: 2, liveBuild: 2 });
    await expectSecondVersion();
    await flights.feed(300);
    await expectSecondVersion();
    expect(await columnsForAnalyst()).toContain('worst_delay_minutes');
  });

  it('goes back to version 1, which has everything that was published meanwhile', async () => {
    await rebuilds.expectUnnoticed(async () => {
      expect(await operator.settle('airport', 'rollback')).toMatchObject({
        live: { version: 1, build: 1 },
        previous: { version: 2, build: 2 },
      });
    });
    await rebuilds.expectProven();
    await flights.feed(300);
    await rebuilds.expectProven();
    expect(await columnsForAnalyst()).not.toContain('worst_delay_minutes');
  });
});
