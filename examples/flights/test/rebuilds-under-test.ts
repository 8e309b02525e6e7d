import { openDatabase } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import { silentLogger, waitFor } from '@millrace/testing';
import type { TestService } from '@millrace/testing';
import { FlightsUnderTest } from './flights-under-test';
import { Operator } from './operator';
import { Traffic } from './traffic';

/** The flights example with everything that rebuilds need, and the connections of a test beside it. */
export class RebuildsUnderTest {
  private constructor(
    readonly flights: FlightsUnderTest,
    /** The instance that is asked; a test that deploys another one puts it here. */
    public projection: TestService,
    readonly replay: TestService,
    readonly operator: Operator,
    readonly database: Database,
  ) {}

  /** Starts the services and waits until so many flights are in the read models. */
  static async start(
    flightsToFeed: number,
    projectionSettings: Readonly<Record<string, string>> = {},
  ): Promise<RebuildsUnderTest> {
    const flights = await FlightsUnderTest.start();
    const [projection, replay] = await Promise.all([
      flights.startService('projection', 'projection', projectionSettings),
      flights.startService('replay'),
    ]);
    const { databaseUrl: url } = flights.stack.addresses;
    const database = openDatabase({ url, applicationName: 'specs', log: silentLogger });
    const started = new RebuildsUnderTest(flights, projection, replay, new Operator(replay.url), database);
    await flights.feed(flightsToFeed);
    await started.expectProven();
    return started;
  }

  /** Puts another deployment of the projection service in the place of the present one. */
  async deploy(name: string, ...projections: readonly string[]): Promise<void> {
    await this.projection.process.stop();
    const settings = { PROJECTIONS: projections.join(',') };
    this.projection = await this.flights.startService('projection', name, settings);
  }

  expectProven(timeoutMs?: number): Promise<void> {
    return this.flights.expectReadModelsProven(this.projection, timeoutMs);
  }

  /** Runs `during` while clients publish and read, and expects that none of them was shown anything wrong. */
  async expectUnnoticed(during: (traffic: Traffic) => Promise<void>): Promise<Traffic> {
    const traffic = new Traffic(this.flights, this.projection.url, this.database);
    await traffic.start();
    await during(traffic).finally(() => traffic.stop());
    expect(traffic.violations.slice(0, 20)).toEqual([]);
    return traffic;
  }

  async isThere(table: string): Promise<boolean> {
    const { rows } = await this.database.query<{ found: string | null }>(
      'SELECT to_regclass($1)::text AS found',
      [table],
    );
    return rows[0]?.found !== null;
  }

  async expectDropped(table: string): Promise<void> {
    await waitFor(`${table} to be dropped`, async () => !(await this.isThere(table)));
  }

  async stop(): Promise<void> {
    await this.database.end();
    await this.flights.stack.stop();
  }
}

/** Folders of the example's projections, as PROJECTIONS names them. */
export const FOLDERS = {
  flight: 'examples/flights/projections/flight',
  airport: 'examples/flights/projections/airport',
  flightMisread: 'examples/flights/test/projections/flight-misread',
  flightPoisoned: 'examples/flights/test/projections/flight-poisoned',
  flightSlow: 'examples/flights/test/projections/flight-slow',
  airportSlow: 'examples/flights/test/projections/airport-slow',
  airportV2: 'examples/flights/test/projections/airport-v2',
} as const;
