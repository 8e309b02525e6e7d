import { MillraceError } from '@millrace/contracts';
import type { Catalogue, Logger } from '@millrace/contracts';
import { prepareProjection, ProjectionQuery, ProjectionRows } from '@millrace/postgres';
import { foldBatch, InvalidProjectionError, keysOf, readerOf } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import { LogReader, readEvent } from '@millrace/reading';
import type { Process, ReaderReport, Servers } from '@millrace/reading';
import { ProjectionStartingError } from './errors';
import type { TopicPartition } from '@millrace/event';

/**
 * Keeps one projection: folds the log into its rows, state and position in one transaction, and answers from
 * them. Instances of the same projection share its partitions.
 */
export class Projector {
  readonly query: ProjectionQuery;
  private readonly reader: LogReader;
  private started = false;

  /** @throws InvalidProjectionError when an event type of its topics is neither folded nor ignored. */
  constructor(
    readonly projection: Projection,
    private readonly servers: Servers,
    options: { readonly catalogue: Catalogue; readonly log: Logger },
  ) {
    checkCoversTopics(projection, options.catalogue);
    this.query = new ProjectionQuery(servers.database, projection);
    this.reader = new LogReader(servers, {
      groupId: `${projection.name}-v${projection.version}`,
      reader: readerOf(projection),
      topics: projection.topics,
      start: 'earliest',
      repeatsWithinOffsets: projection.repeatsWithinOffsets,
      retry: { initialMs: 200, maxMs: 10_000 },
      // A fold is pure: what fails once fails always, and waiting would only hide it.
      isTransient: (error) => error instanceof MillraceError && error.retriable,
      processFor: (at) => this.processFor(at),
      log: options.log,
    });
  }

  /** Makes the tables if needed and begins to fold. @throws ProjectionLayoutError */
  async start(): Promise<void> {
    await prepareProjection(this.servers.database, this.projection);
    this.started = true;
    this.reader.start();
  }

  async stop(): Promise<void> {
    await this.reader.stop();
  }

  /** How far it is. @throws ProjectionStartingError before the first start. */
  async report(): Promise<ReaderReport> {
    this.assertStarted();
    return this.reader.report();
  }

  /** @throws ProjectionStartingError before the first start: there is nothing to ask yet. */
  assertStarted(): void {
    if (!this.started) throw new ProjectionStartingError(this.projection.name);
  }

  /** For readiness. @throws an error that says why the projection is not being kept up. */
  check(): Record<string, unknown> {
    this.assertStarted();
    return this.reader.check();
  }

  private processFor(at: TopicPartition): Process {
    const rows = new ProjectionRows(this.projection, at);
    return async (transaction, records) => {
      const events = records.map((record) => readEvent(this.servers.codec, record));
      const loaded = await rows.load(transaction, keysOf(this.projection, events));
      await rows.save(transaction, foldBatch(this.projection, loaded, events));
    };
  }
}

function checkCoversTopics(projection: Projection, catalogue: Catalogue): void {
  const problems = catalogue.events
    .filter(
      ({ topic, type }) =>
        projection.topics.includes(topic) && !projection.folds.has(type) && !projection.ignores.has(type),
    )
    .map(({ topic, type }) => `${type} is published to ${topic}, and it neither folds nor ignores it`);
  if (problems.length > 0) throw new InvalidProjectionError(projection.name, problems);
}
