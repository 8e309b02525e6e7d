import { parsePosition } from '@millrace/event';
import { PoisonEvents } from '@millrace/postgres';
import type { PoisonEvent, ProjectionQuery } from '@millrace/postgres';
import type { Row } from '@millrace/postgres';
import type { Projection } from '@millrace/projecting';
import { Servers } from '@millrace/reading';
import { parseConfiguration } from '@millrace/service';
import type { MetricSource } from '@millrace/service';
import { silentLogger, variablesUnderTest, waitFor } from '@millrace/testing';
import type { TestDatabase, TrialTopic } from '@millrace/testing';
import { configuration } from '../configuration';
import { HostedProjection } from '../hosted-projection';
import { buildMetrics } from '../metrics/scrape-builds';
import { ProjectionHost } from '../projection-host';

/** A projection that is hosted in the test's own process, as a deployment of it would. */
export class TrialHost {
  private constructor(
    private readonly host: ProjectionHost,
    readonly hosted: HostedProjection,
    private readonly projection: Projection,
  ) {}

  /** `topic` is a topic of the test, or what is said of it elsewhere. */
  static async start(
    projection: Projection,
    topic: Pick<TrialTopic, 'catalogue'>,
    database: TestDatabase,
  ): Promise<TrialHost> {
    const settings = parseConfiguration(configuration, {
      ...variablesUnderTest(database.url),
      ...{ PROJECTIONS: 'none', KAFKA_SESSION_TIMEOUT_MS: '6000' },
    });
    const { catalogue } = topic;
    const servers = new Servers({ name: 'projection', settings, catalogue, log: silentLogger });
    const hosted = new HostedProjection([projection], servers.database, catalogue);
    const host = new ProjectionHost({ servers, projections: [hosted], log: silentLogger });
    await host.start();
    return new TrialHost(host, hosted, projection);
  }

  get poison(): PoisonEvents {
    return new PoisonEvents(this.host.servers.database);
  }

  /** What Prometheus would be given. */
  get metrics(): MetricSource {
    return buildMetrics(this.host);
  }

  /** The events that it cannot fold, without what changes from run to run. */
  async parked(): Promise<Partial<PoisonEvent>[]> {
    const found = await this.poison.list(this.projection.name, { limit: 100 });
    return found.map(({ key, offset, events }) => ({ key, offset, events }));
  }

  async rows(): Promise<readonly Row[]> {
    return (await this.hosted.query((query: ProjectionQuery) => query.list({ limit: 100 }))).rows;
  }

  /** The rows once they include the record at this position. */
  async rowsAt(position: string): Promise<readonly Row[]> {
    await waitFor('the record to be passed', () => this.hosted.includes([parsePosition(position)]), 20_000);
    return this.rows();
  }

  stop(): Promise<void> {
    return this.host.onApplicationShutdown();
  }
}
