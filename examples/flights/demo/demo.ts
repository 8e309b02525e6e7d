import { join } from 'node:path';
import { addressVariables, openStack } from '@millrace/stack';
import type { ServerProcess, Stack } from '@millrace/stack';
import { flightEvents } from '../feeder/flight-events';
import { readFlights } from '../feeder/flights-file';
import { publishStream } from '../feeder/publish-stream';
import { readGroup, waitUntilConsumed } from './consumed-records';
import { showProgress } from './progress';
import { holds } from './proof';
import { prove, sumOf } from './prove';
import { ReadModels } from './read-models';
import { runCli } from './run-cli';
import { startServices } from './service-processes';
import type { RunningService, ServiceName } from './service-processes';
import { airportTable, flightTable } from './tables';

export interface DemoOptions {
  /** Where the embedded stack keeps its data. */
  readonly directory: string;
  /** Wipe that data first. */
  readonly fresh: boolean;
  readonly print: (line: string) => void;
  /** Aborted when the user, or a dead child, ends the run. */
  readonly signal: AbortSignal;
  /** A server or a service died although nobody asked it to. */
  readonly onDeath: (error: Error) => void;
}

export interface DemoResult {
  readonly published: number;
  readonly consumed: number;
  readonly projected: number;
  readonly equal: boolean;
  readonly delayMinutes: number;
}

const GROUP = 'delay-alerts';
const number = new Intl.NumberFormat('en-US');

/** The flights example from an empty machine to proven read models; `close` stops all that it started. */
export class Demo {
  private stack: Stack | undefined;
  private services: readonly RunningService[] = [];

  constructor(private readonly options: DemoOptions) {}

  /** Starts the servers, brings topics and schemas up to date, and starts the services. */
  async start(): Promise<void> {
    const { directory, fresh, print, signal } = this.options;
    print('Servers');
    const stack = await openStack({
      directory,
      fresh,
      signal,
      onProgress: (line) => print(`  ${line}`),
      onServerExit: (name) => this.died(name, stack.servers[name]),
    });
    this.stack = stack;
    const { kafkaBrokers, schemaRegistryUrl, databaseUrl } = stack.addresses;
    print(`  kafka       ${kafkaBrokers.join(', ')}`);
    print(`  registry    ${schemaRegistryUrl}`);
    print(`  postgres    ${withoutPassword(databaseUrl)}`);

    print('Topics and schemas');
    const env = addressVariables(stack.addresses);
    // Only the embedded stack is known to be one broker; a cluster gets what topics.yaml declares.
    const fit = stack.source === 'embedded' ? ['--fit-replication'] : [];
    const topics = await runCli(['topics', 'apply', ...fit], env);
    const schemas = await runCli(['schemas', 'register'], env);
    for (const line of [...topics, ...schemas]) print(`  ${line}`);

    print('Services');
    this.services = await startServices({
      addresses: stack.addresses,
      logDirectory: join(directory, 'logs'),
      onDeath: (service) => this.died(service.name, service),
      signal,
    });
    for (const { name, url } of this.services) print(`  ${name.padEnd(11)} ${url}`);
  }

  /** Feeds the flights, waits for the read models, shows them, and proves them. */
  async run(): Promise<DemoResult> {
    const { print, signal } = this.options;
    const flights = await readFlights();
    const before = await readGroup(this.url('consumer'), GROUP, signal);

    print('Feed');
    const total = flights.length * 2;
    const startedAt = performance.now();
    const progress = showProgress('published', total);
    const { published, positions } = await publishStream(flightEvents(flights), {
      producerUrl: this.url('producer'),
      onProgress: (done) => progress.update(done),
      signal,
    }).finally(() => progress.stop());
    const seconds = (performance.now() - startedAt) / 1_000;
    print(`  ${number.format(published)} acknowledged in ${seconds.toFixed(1)} s`);

    const models = new ReadModels(this.url('projection'), signal);
    await models.waitFor(positions);
    const done = await waitUntilConsumed(this.url('consumer'), GROUP, signal);
    const rows = { flights: await models.flights(), airports: await models.airports() };
    print('Read models');
    print(indent(airportTable(rows.airports)));
    print(indent(flightTable(rows.flights)));

    print('Proof: the read models against a fold of the file');
    const proofs = prove(flights, rows);
    for (const proof of proofs) {
      const { what, expected, got, differing } = proof;
      const wrong = differing.length === 0 ? '' : `, differing: ${differing.join(', ')}`;
      print(
        `  ${holds(proof) ? '✓' : '✗'} ${what}: expected ${number.format(expected)}, got ${number.format(got)}${wrong}`,
      );
    }
    if (!proofs.every(holds)) {
      print('  Events that you published yourself are in the read models too: begin anew with --fresh.');
    }
    return {
      published,
      consumed: Number(done - before.done),
      projected: sumOf(rows.airports, 'departures') + sumOf(rows.airports, 'arrivals'),
      equal: proofs.every(holds),
      delayMinutes: sumOf(rows.airports, 'delayMinutes'),
    };
  }

  /** What a user can open or ask while it stays up. */
  addresses(): string[] {
    return [
      `publish     curl ${this.url('producer')}/v1/events/flights.FlightLanded -H 'content-type: application/json' -d '{"flightId":"mine-1","origin":"SFO","destination":"JFK","delayMinutes":75}'`,
      `one flight  ${this.url('projection')}/v1/projections/flight/20k-00001`,
      `airports    ${this.url('projection')}/v1/projections/airport?sort=-departures&limit=10`,
      `groups      ${this.url('consumer')}/v1/groups`,
      `health      ${this.services.map(({ url }) => `${url}/health/ready`).join('  ')}`,
      `logs        ${join(this.options.directory, 'logs')}`,
    ];
  }

  /** Stops the services, then the servers; leaves no process behind. */
  async close(): Promise<void> {
    await Promise.all(this.services.map((service) => service.process.stop()));
    await this.stack?.stop();
  }

  private url(name: ServiceName): string {
    return this.services.find((service) => service.name === name)?.url ?? '';
  }

  private died(name: string, process: ServerProcess | undefined): void {
    const log = process === undefined ? '' : `\nThe end of ${process.logFile}:\n${process.logTail()}`;
    this.options.onDeath(new Error(`${name} died unexpectedly.${log}`));
  }
}

function withoutPassword(url: string): string {
  const shown = new URL(url);
  shown.password = '';
  return shown.href;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
