import { catalogue } from '@millrace/contracts';
import { InvalidPositionError } from '@millrace/event';
import { KafkaUnavailableError } from '@millrace/kafka';
import {
  DatabaseUnavailableError,
  LiveVersionError,
  openQueryDatabase,
  QueriesFullError,
  QueryTimeoutError,
  ValueRefusedError,
} from '@millrace/postgres';
import { NotServedError } from '@millrace/projecting';
import { Servers } from '@millrace/reading';
import { problemRule } from '@millrace/service';
import type { ServiceDefinition } from '@millrace/service';
import { configuration } from './configuration';
import {
  CursorMismatchError,
  CursorVersionError,
  InvalidCursorError,
  InvalidQueryError,
  NotYetProjectedError,
  ProjectionNotFoundError,
  ProjectionStartingError,
  RowNotFoundError,
  TooManyWaitingError,
  UnknownColumnError,
} from './errors';
import { FoldThreads } from './fold-threads';
import { HostedProjection } from './hosted-projection';
import { loadProjections } from './load-projections';
import { buildMetrics } from './metrics/scrape-builds';
import { ProjectionHost } from './projection-host';
import { ProjectionModule } from './projection.module';

/** The projection service: keeps the projections that PROJECTIONS lists, and answers queries. */
export const projectionService: ServiceDefinition<typeof configuration> = {
  name: 'projection',
  configuration,
  module: async (settings, log) => {
    const projections = await loadProjections(settings.PROJECTIONS);
    const servers = new Servers({ name: 'projection', settings, catalogue, log });
    const queried = openQueryDatabase({
      url: settings.DATABASE_URL,
      applicationName: 'projection queries',
      poolSize: settings.QUERY_POOL_SIZE,
      statementTimeoutMs: settings.QUERY_TIMEOUT_MS,
      log,
    });
    const hosted = [...Map.groupBy(projections, ({ name }) => name).values()].map(
      (versions) => new HostedProjection(versions, queried, catalogue),
    );
    const { FOLD_THREADS: threads } = settings;
    const host = new ProjectionHost({
      ...{ servers, projections: hosted, log },
      ...(threads === 0 ? {} : { folding: new FoldThreads(threads, settings) }),
    });
    return ProjectionModule.hosting(host, settings.AT_LEAST_TIMEOUT_MS, queried);
  },
  readiness: (app) => {
    const { servers, projections } = app.get(ProjectionHost);
    return [
      { name: 'kafka', check: () => servers.checkKafka() },
      { name: 'postgres', check: () => servers.checkPostgres() },
      ...projections.map((projection) => ({
        name: `projection ${projection.name}`,
        check: async () => projection.check(),
      })),
    ];
  },
  metrics: (app) => [buildMetrics(app.get(ProjectionHost))],
  problems: [
    problemRule(ProjectionNotFoundError, { status: 404, members: ({ known }) => ({ known }) }),
    problemRule(RowNotFoundError, {
      status: 404,
      members: ({ positions, parked }) => ({ positions, ...(parked === undefined ? {} : { parked }) }),
    }),
    problemRule(NotYetProjectedError, {
      status: 409,
      members: ({ positions }) => ({ positions }),
      retryAfterSeconds: () => 1,
    }),
    problemRule(LiveVersionError, { status: 503, retryAfterSeconds: () => 1 }),
    problemRule(ProjectionStartingError, { status: 503, retryAfterSeconds: () => 2 }),
    problemRule(KafkaUnavailableError, { status: 503, retryAfterSeconds: () => 5 }),
    problemRule(DatabaseUnavailableError, { status: 503, retryAfterSeconds: () => 5 }),
    problemRule(QueriesFullError, { status: 503, retryAfterSeconds: () => 1 }),
    problemRule(TooManyWaitingError, { status: 503, retryAfterSeconds: () => 1 }),
    problemRule(QueryTimeoutError, { status: 503, retryAfterSeconds: () => 5 }),
    problemRule(CursorVersionError, { status: 410 }),
    problemRule(CursorMismatchError, { status: 400 }),
    problemRule(InvalidCursorError, { status: 400 }),
    problemRule(InvalidQueryError, { status: 400 }),
    problemRule(InvalidPositionError, { status: 400 }),
    problemRule(NotServedError, {
      status: 400,
      members: ({ key, indexes, queryable }) => ({ key, indexes, queryable }),
    }),
    problemRule(UnknownColumnError, { status: 400, members: ({ known }) => ({ known }) }),
    problemRule(ValueRefusedError, { status: 400 }),
  ],
  afterListen: (app) => {
    // In the background: health answers while the servers are waited for. A lasting error ends the process.
    void app.get(ProjectionHost).start();
  },
};
