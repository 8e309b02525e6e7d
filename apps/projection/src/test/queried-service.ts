import { openQueryDatabase } from '@millrace/postgres';
import type { Projection } from '@millrace/projecting';
import { Servers } from '@millrace/reading';
import { createLogger, parseConfiguration, startService } from '@millrace/service';
import type { RunningService } from '@millrace/service';
import { createTestDatabase, silentLogger, variablesUnderTest, waitFor } from '@millrace/testing';
import type { TestDatabase, TrialTopic } from '@millrace/testing';
import { configuration } from '../configuration';
import { HostedProjection } from '../hosted-projection';
import { ProjectionHost } from '../projection-host';
import { ProjectionModule } from '../projection.module';
import { projectionService } from '../projection-service';

/** What a query is answered. */
export interface QueryAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: {
    readonly rows?: readonly Readonly<Record<string, unknown>>[];
    readonly row?: Readonly<Record<string, unknown>>;
    readonly next?: string;
    readonly positions?: readonly string[];
    readonly type?: string;
    readonly detail?: string;
    readonly [member: string]: unknown;
  };
}

export interface QueriedServiceOptions {
  /** Default 1,000 ms. */
  readonly atLeastTimeoutMs?: number;
  /** A pool for queries alone. Default: that of the folds. */
  readonly queries?: { readonly poolSize: number; readonly statementTimeoutMs: number };
}

/** A projection service within a test that hosts these versions of one projection, on a database of its own. */
export class QueriedService {
  private constructor(
    private readonly service: RunningService,
    readonly database: TestDatabase,
    readonly hosted: HostedProjection,
  ) {}

  /** Waits until every partition of the live build is read. */
  static async start(
    topic: TrialTopic,
    versions: readonly Projection[],
    { atLeastTimeoutMs = 1_000, queries }: QueriedServiceOptions = {},
  ): Promise<QueriedService> {
    const database = await createTestDatabase();
    const { catalogue } = topic;
    const settings = parseConfiguration(configuration, {
      ...variablesUnderTest(database.url),
      PROJECTIONS: 'none',
    });
    const servers = new Servers({ name: 'projection', settings, catalogue, log: silentLogger });
    const queried =
      queries === undefined
        ? undefined
        : openQueryDatabase({
            ...{ ...queries, url: database.url, applicationName: 'specs', log: silentLogger },
          });
    const hosted = new HostedProjection(versions, queried ?? servers.database, catalogue);
    const host = new ProjectionHost({ servers, projections: [hosted], log: silentLogger });
    const module = () => Promise.resolve(ProjectionModule.hosting(host, atLeastTimeoutMs, queried));
    const log = createLogger({ name: 'projection', level: 'fatal' });
    const service = await startService({ ...projectionService, module }, settings, log);
    const started = new QueriedService(service, database, hosted);
    await waitFor('every partition to be read', async () => {
      const reports = await hosted.report();
      const partitions = reports.flatMap((build) => build.partitions);
      return partitions.length > 0 && partitions.every(({ state }) => state === 'running');
    });
    return started;
  }

  /** Asks for a path below the projection's own: `?limit=1`, `/key`. */
  ask(rest: string, headers: Readonly<Record<string, string>> = {}): Promise<QueryAnswer> {
    return this.get(`/v1/projections/${this.hosted.name}${rest}`, headers);
  }

  async get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<QueryAnswer> {
    const response = await fetch(`${this.service.url}${path}`, { headers });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const body = (isJson ? JSON.parse(text) : {}) as QueryAnswer['body'];
    return { status: response.status, headers: response.headers, text, body };
  }

  async close(): Promise<void> {
    await this.service.close();
    await this.database.drop();
  }
}
