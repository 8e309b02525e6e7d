import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { classArchiveFlags, existingClassArchiveFlags } from './class-archive';
import { newClusterId } from './cluster-id';
import type { JavaCandidate } from './find-java';
import { answersKafka } from './readiness';
import { ServerProcess, type ServerProcessOptions } from './server-process';
import { ServerStartError } from './server-start-error';

export interface KafkaServerOptions extends Pick<ServerProcessOptions, 'logFile' | 'pidFile' | 'onExit'> {
  readonly java: JavaCandidate;
  /** Holds `lib/*.jar`. */
  readonly distribution: string;
  /** Holds the configuration and the log. */
  readonly directory: string;
  readonly port: number;
  readonly controllerPort: number;
  /** A second listener, whose clients are told to come to another port: that of a proxy in front of it. */
  readonly proxied?: ProxiedListener | undefined;
}

export interface ProxiedListener {
  readonly port: number;
  readonly advertisedPort: number;
}

/**
 * A real Apache Kafka: one KRaft node, broker and controller in one, on loopback. The log directory is formatted when
 * it is new. Topics are never made by a stray request, and what a topic keeps is the topic's own configuration.
 */
export async function createKafkaServer(options: KafkaServerOptions): Promise<ServerProcess> {
  const { java, distribution, directory, port, controllerPort, proxied, logFile } = options;
  const log4j = log4jFile(options);
  const properties = join(directory, 'server.properties');
  const data = join(directory, 'data');
  await mkdir(directory, { recursive: true });
  await writeFile(log4j, LOG4J);
  if (!existsSync(data)) await format(options, data);
  await writeFile(properties, serverProperties(data, options));

  return new ServerProcess({
    ...options,
    name: 'kafka',
    command: java.executable,
    args: [
      ...['-cp', classPath(options), ...classArchiveFlags({ java, directory: distribution })],
      ...['-Xms256m', '-Xmx1g', `-Dlog4j2.configurationFile=${log4j}`, 'kafka.Kafka', properties],
    ],
    cwd: directory,
    logFile,
    ports: [port, controllerPort, ...(proxied === undefined ? [] : [proxied.port])],
    isReady: answersKafka(port),
    stopGraceMs: 5_000,
  });
}

/** Beside it first, then renamed: a format that is killed half-way is begun again. */
async function format(options: KafkaServerOptions, data: string): Promise<void> {
  const { java, distribution, directory, logFile } = options;
  const fresh = `${data}.new`;
  const properties = join(directory, 'format.properties');
  await rm(fresh, { recursive: true, force: true });
  await writeFile(properties, serverProperties(fresh, options));
  const args = [
    ...['-cp', classPath(options), ...existingClassArchiveFlags({ java, directory: distribution })],
    ...[
      '-Xmx256m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      `-Dlog4j2.configurationFile=${log4jFile(options)}`,
    ],
    ...['kafka.tools.StorageTool', 'format', '--cluster-id', newClusterId(), '--config', properties],
  ];
  try {
    await promisify(execFile)(java.executable, args);
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new ServerStartError('kafka', 'its log directory could not be formatted', {
      logFile,
      logTail: `${stdout}${stderr}`.trim(),
      cause: error,
    });
  }
  await rename(fresh, data);
}
function classPath({ distribution }: KafkaServerOptions): string {
  return join(distribution, 'lib', '*');
}

function log4jFile({ directory }: KafkaServerOptions): string {
  return join(directory, 'log4j2.properties');
}

/**
 * The quorum is static on purpose: with a dynamic one the voters' addresses are part of the log, and data whose port
 * somebody else has taken meanwhile could not be started on another port.
 */
function serverProperties(data: string, { port, controllerPort, proxied }: KafkaServerOptions): string {
  const listeners = [`PLAINTEXT://127.0.0.1:${port}`];
  const advertised = [...listeners];
  if (proxied !== undefined) {
    listeners.push(`PROXIED://127.0.0.1:${proxied.port}`);
    advertised.push(`PROXIED://127.0.0.1:${proxied.advertisedPort}`);
  }
  return [
    'process.roles=broker,controller',
    'node.id=1',
    `controller.quorum.voters=1@127.0.0.1:${controllerPort}`,
    'controller.listener.names=CONTROLLER',
    `listeners=${[...listeners, `CONTROLLER://127.0.0.1:${controllerPort}`].join()}`,
    `advertised.listeners=${advertised.join()}`,
    'listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
    `log.dirs=${data}`,
    'auto.create.topics.enable=false',
    // After a crash the controller waits for the old broker's session to end before it takes the new one (default 9 s).
    'broker.heartbeat.interval.ms=500',
    'broker.session.timeout.ms=3000',
    'group.initial.rebalance.delay.ms=0',
    'offsets.topic.replication.factor=1',
    'offsets.topic.num.partitions=8',
    'transaction.state.log.replication.factor=1',
    'transaction.state.log.min.isr=1',
    'transaction.state.log.num.partitions=8',
    'share.coordinator.state.topic.replication.factor=1',
    'share.coordinator.state.topic.min.isr=1',
    'log.cleaner.dedupe.buffer.size=33554432',
    '',
  ].join('\n');
}

const LOG4J = `status = warn
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{yyyy-MM-dd'T'HH:mm:ss.SSS} %p %c{1} %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
`;
