import { openDatabase } from '@millrace/postgres';
import { addressVariables } from '@millrace/stack';
import { diffIds, silentLogger, startTestStack, waitFor } from '@millrace/testing';
import type { TestService, TestStack } from '@millrace/testing';
import { waitUntilConsumed } from '../demo/group-progress';
import { holds } from '../demo/proof';
import { prove } from '../demo/prove';
import { ReadModels } from '../demo/read-models';
import { runCli } from '../demo/run-cli';
import type { Flight } from '../feeder/flight';
import { FLIGHTS_20K, readFlights } from '../feeder/flights';
import { publishFlights } from '../feeder/publish-flights';

const SETTINGS: Readonly<Record<string, Record<string, string>>> = {
  producer: {},
  consumer: { CONSUMER_GROUPS: 'examples/flights/groups/delay-alerts', KAFKA_SESSION_TIMEOUT_MS: '6000' },
  projection: {
    PROJECTIONS: 'examples/flights/projections/flight,examples/flights/projections/airport',
    KAFKA_SESSION_TIMEOUT_MS: '6000',
  },
  replay: { KAFKA_SESSION_TIMEOUT_MS: '6000' },
};

/** The flights example on a stack of the test's own, fed part by part. */
export class FlightsUnderTest {
  private fed = 0;
  /** The last acknowledged offset of each partition that has one. */
  private readonly offsets = new Map<string, bigint>();
  private readonly signal = new AbortController().signal;

  private constructor(
    readonly stack: TestStack,
    private readonly file: readonly Flight[],
    readonly producer: TestService,
  ) {}

  static async start(): Promise<FlightsUnderTest> {
    const stack = await startTestStack();
    const env = addressVariables(stack.addresses);
    await runCli(['topics', 'apply', '--fit-replication'], env);
    await runCli(['schema', 'register'], env);
    const producer = await stack.startService('producer', {});
    const file: Flight[] = [];
    for await (const flight of readFlights(FLIGHTS_20K)) file.push(flight);
    return new FlightsUnderTest(stack, file, producer);
  }

  /** `settings` are added to those that every such service has here. */
  startService(
    app: 'consumer' | 'projection' | 'replay',
    name: string = app,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<TestService> {
    return this.stack.startService(app, { ...SETTINGS[app], ...settings }, name);
  }

  /** The flights whose events have been acknowledged. */
  get fedFlights(): readonly Flight[] {
    return this.file.slice(0, this.fed);
  }

  /** The last acknowledged position of each partition that has one. */
  get positions(): readonly string[] {
    return [...this.offsets].map(([at, offset]) => `${at}/${offset}`);
  }

  /** Publishes the next flights of the file; `onProgress` gets the events acknowledged so far. */
  async feed(flights: number, onProgress: (published: number) => void = () => undefined): Promise<void> {
    await this.publish(this.fed, this.fed + flights, onProgress);
    this.fed += flights;
  }

  /** Publishes everything again that was fed before. */
  async feedAgain(): Promise<void> {
    await this.publish(0, this.fed, () => undefined);
  }

  /** Waits until the read models include all that was fed, and compares them with a fold of the file. */
  async expectReadModelsProven(projection: TestService, timeoutMs = 60_000): Promise<void> {
    const models = new ReadModels(projection.url, this.signal);
    await waitFor(
      'the read models to include what was fed',
      async () => {
        await models.waitFor(this.positions);
        return true;
      },
      timeoutMs,
    );
    const proofs = await prove(() => this.fedFlights, models);
    expect(proofs.filter((proof) => !holds(proof))).toEqual([]);
  }

  /** Waits until the group has nothing before it, and compares its rows with the late flights of the file. */
  async expectAlertsProven(consumer: TestService): Promise<void> {
    await waitFor('the group to be done', async () => {
      await waitUntilConsumed(consumer.url, 'delay-alerts', this.signal);
      return true;
    });
    const late = this.fedFlights.flatMap(({ id, delay }) => (delay > 60 ? [id] : []));
    expect(diffIds(late, await this.alerts())).toEqual({ missing: [], extra: [] });
  }

  private async alerts(): Promise<string[]> {
    const database = openDatabase({
      url: this.stack.addresses.databaseUrl,
      applicationName: 'specs',
      log: silentLogger,
    });
    const { rows } = await database.query<{ flight_id: string }>('SELECT flight_id FROM flights.delay_alert');
    await database.end();
    return rows.map((row) => row.flight_id);
  }

  private async publish(from: number, to: number, onProgress: (published: number) => void): Promise<void> {
    const options = { producerUrl: this.producer.url, onProgress, signal: this.signal };
    const { positions } = await publishFlights(this.file.slice(from, to), options);
    for (const position of positions) {
      const slash = position.lastIndexOf('/');
      this.offsets.set(position.slice(0, slash), BigInt(position.slice(slash + 1)));
    }
  }
}
