import { join } from 'node:path';
import { firstFlightId, readFlights } from '../feeder/flights';
import { feed } from './feed';
import type { Measured } from './measured';
import { peakMemoryMiB } from './peak-memory';
import { Platform } from './platform';
import type { PlatformOptions } from './platform';
import { showProgress } from './progress';
import { holds } from './proof';
import { prove, sumOf } from './prove';
import { millraceCommand, rebuild } from './rebuild';
import { ReadModels } from './read-models';
import { measuredLines, proofLine, readModelTables } from './show';

export interface DemoOptions extends PlatformOptions {
  /** How many flights to feed. */
  readonly flights: number;
}

export interface DemoResult extends Measured {
  readonly published: number;
  readonly consumed: number;
  readonly projected: number;
  readonly equal: boolean;
  readonly delayMinutes: number;
  /** The read models after both were built again from the log. */
  readonly rebuilt: 'equal' | 'different';
}

/** The flights example from an empty machine to proven read models; `close` stops all that it started. */
export class Demo {
  private readonly platform: Platform;

  constructor(private readonly options: DemoOptions) {
    this.platform = new Platform(options);
  }

  /** Starts the servers, brings topics and schemas up to date, and starts the services. */
  start(): Promise<void> {
    return this.platform.start();
  }

  /** Feeds the flights, shows the read models, proves them, builds them again from the log, and proves those too. */
  async run(): Promise<DemoResult> {
    const { flights, print, signal } = this.options;
    const {
      producer: producerUrl,
      consumer: consumerUrl,
      projection,
      replay: replayUrl,
    } = this.platform.urls();
    const models = new ReadModels(projection, signal);
    print('Feed');
    const fed = await feed({ flights, producerUrl, consumerUrl, models, print, signal });
    print('Read models');
    print(await readModelTables(models));
    print('Proof: the read models against a fold of the file');
    const equal = await this.proveEqual(models);

    print('Rebuild: both read models again from the log, beside the live ones');
    const again = await rebuild({ replayUrl, print, signal });
    print('Proof: the rebuilt read models against a fold of the file');
    const rebuilt = (await this.proveEqual(models)) && again.equal ? 'equal' : 'different';

    print('Measured');
    const rates = { ...fed.rates, ...(again.rate === undefined ? {} : { rebuild: again.rate }) };
    const memoryMiB = await peakMemoryMiB(this.platform.pids());
    const measured = { rates, ...(memoryMiB === undefined ? {} : { memoryMiB }) };
    for (const line of measuredLines(measured)) print(line);
    const airports = await models.airports();
    return {
      published: fed.published,
      consumed: fed.consumed,
      projected: sumOf(airports, 'departures') + sumOf(airports, 'arrivals'),
      equal,
      delayMinutes: sumOf(airports, 'delayMinutes'),
      rebuilt,
      ...measured,
    };
  }

  /** What a user can open or ask while it stays up. */
  addresses(): string[] {
    const { producer, consumer, projection, replay } = this.platform.urls();
    const health = Object.values(this.platform.urls()).map((url) => `${url}/health/ready`);
    return [
      `publish     curl ${producer}/v1/events/flights.FlightLanded -H 'content-type: application/json' -d '{"flightId":"mine-1","origin":"SFO","destination":"JFK","delayMinutes":75}'`,
      `one flight  ${projection}/v1/projections/flight/${firstFlightId(this.options.flights)}`,
      `airports    ${projection}/v1/projections/airport?sort=-departures&limit=10`,
      `groups      ${consumer}/v1/groups`,
      `replays     ${millraceCommand(replay, 'replay list')}`,
      `roll back   ${millraceCommand(replay, 'projections rollback flight')}`,
      `health      ${health.join('  ')}`,
      `logs        ${join(this.options.directory, 'logs')}`,
    ];
  }

  /** Stops the services, then the servers; leaves no process behind. */
  close(): Promise<void> {
    return this.platform.close();
  }

  private async proveEqual(models: ReadModels): Promise<boolean> {
    const { flights, print } = this.options;
    const progress = showProgress('compared', flights, 'flights');
    const proofs = await prove(
      () => readFlights(flights),
      models,
      (rows) => progress.update(rows),
    ).finally(() => progress.stop());
    for (const proof of proofs) print(proofLine(proof));
    const equal = proofs.every(holds);
    if (!equal) {
      print('  Events that you published yourself are in the read models too: begin anew with --fresh.');
    }
    return equal;
  }
}
