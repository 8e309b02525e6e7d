import { join } from 'node:path';
import { addressVariables, openStack } from '@millrace/stack';
import type { ServerProcess, Stack } from '@millrace/stack';
import type { Pids } from './peak-memory';
import { runCli } from './run-cli';
import { startServices } from './service-processes';
import type { RunningService, ServiceName } from './service-processes';

export interface PlatformOptions {
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

/** The servers and services that the example runs on; `close` stops all that it started. */
export class Platform {
  private stack: Stack | undefined;
  private services: readonly RunningService[] = [];

  constructor(private readonly options: PlatformOptions) {}

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
    const schemas = await runCli(['schema', 'register'], env);
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

  /** The base address of each service; only once they are started. */
  urls(): Record<ServiceName, string> {
    const urls = this.services.map(({ name, url }) => [name, url]);
    return Object.fromEntries(urls) as Record<ServiceName, string>;
  }

  /** The services, the embedded servers, and this process, which feeds them. */
  pids(): Pids {
    const { kafka, registry, postgres } = this.stack?.servers ?? {};
    const services = this.services.map(({ name, process }) => [name, process.pid]);
    return {
      ...(Object.fromEntries(services) as Pids),
      kafka: kafka?.pid,
      registry: registry?.pid,
      postgres: postgres?.pid,
      feeder: process.pid,
    };
  }

  /** Stops the services, then the servers; leaves no process behind. */
  async close(): Promise<void> {
    await Promise.all(this.services.map((service) => service.process.stop()));
    await this.stack?.stop();
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
