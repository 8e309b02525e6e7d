import 'reflect-metadata';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { ServerVariables } from '../configuration/shared-variables';
import type { ConfigurationDefinition, Settings } from '../configuration/variable';
import { HealthModule } from '../health/health.module';
import type { ReadinessCheck } from '../health/readiness';
import { ReadinessChecks } from '../health/readiness-checks';
import type { ServiceLogger } from '../logging/logger';
import type { MetricSource } from '../metrics/metric-family';
import { Metrics } from '../metrics/metrics';
import { MetricsModule } from '../metrics/metrics.module';
import { NestLogger } from '../logging/nest-logger';
import type { ProblemRule } from '../problem/problem';
import { ProblemFilter } from '../problem/problem.filter';
import { gracefulClose } from './graceful-close';
import { httpLimits, limitConnections } from './http-limits';
import { ListenError } from './listen-error';

/** What a service is made of; the same for a process (`runService`) and for a test that starts one inside itself. */
export interface ServiceDefinition<D extends ConfigurationDefinition & ServerVariables> {
  /** Short and unique: `producer`. In every log line. */
  readonly name: string;
  readonly configuration: D;
  /** The app's module, built from its settings; it may load what they name. */
  readonly module: (
    settings: Settings<D>,
    logger: ServiceLogger,
  ) => Type | DynamicModule | Promise<DynamicModule>;
  /** What must be reachable for `/health/ready` to answer 200; called once, before the port opens. */
  readonly readiness?: (app: NestFastifyApplication) => readonly ReadinessCheck[];
  /** What `/metrics` shows beside the metrics of the process; called once, before the port opens. */
  readonly metrics?: (app: NestFastifyApplication) => readonly MetricSource[];
  /** How the app's errors answer over HTTP. */
  readonly problems?: readonly ProblemRule[];
  /** Largest request body in bytes; 1 MiB by default. Above it the answer is 413. */
  readonly bodyLimitBytes?: (settings: Settings<D>) => number;
  /** For an app that reads request bodies itself: a handler finds them unread in `request.raw`. Default false. */
  readonly readsBodies?: boolean;
  /** Runs before the port opens: body parsers, microservice transports. */
  readonly beforeListen?: (app: NestFastifyApplication, settings: Settings<D>) => Promise<void> | void;
  /** Runs once health can be asked: work that may wait long for what it needs. A rejection stops the service. */
  readonly afterListen?: (app: NestFastifyApplication, settings: Settings<D>) => Promise<void> | void;
  /** Runs when a stop begins, before the requests in flight have their answers: what they wait for may be hurried. */
  readonly onStopping?: (app: NestFastifyApplication, settings: Settings<D>) => void;
}

export interface RunningService {
  readonly app: NestFastifyApplication;
  /** Where it really listens, for example `http://127.0.0.1:41873`. */
  readonly url: string;
  /** Stops taking requests, finishes those in flight, runs Nest's shutdown hooks. Idempotent. */
  close(): Promise<void>;
}

const defaultBodyLimitBytes = 1_048_576;

/** Joins the app's module and what every service has. */
@Module({})
class ServiceRoot {}

/**
 * Starts a service and resolves once its port is open and `afterListen` is done; logs one line `listening` with the real
 * address. Closes what it has opened when a step fails. Throws `ListenError` (SERVICE_CANNOT_LISTEN), or what the app threw.
 */
export async function startService<D extends ConfigurationDefinition & ServerVariables>(
  definition: ServiceDefinition<D>,
  settings: Settings<D>,
  logger: ServiceLogger,
): Promise<RunningService> {
  const app = await NestFactory.create<NestFastifyApplication>(
    {
      module: ServiceRoot,
      imports: [await definition.module(settings, logger), HealthModule, MetricsModule],
    },
    new FastifyAdapter({
      bodyLimit: definition.bodyLimitBytes?.(settings) ?? defaultBodyLimitBytes,
      // A longer part of a path would be no path at all, 404; what headers may hold, the path may, too.
      routerOptions: { maxParamLength: settings.MAX_HEADER_BYTES },
      ...httpLimits(settings, logger),
    }),
    { logger: new NestLogger(logger), abortOnError: false, bodyParser: definition.readsBodies !== true },
  );
  limitConnections(app.getHttpServer(), settings.MAX_CONNECTIONS, logger);
  if (definition.readsBodies === true) leaveBodiesUnread(app);
  const close = gracefulClose(app, () => definition.onStopping?.(app, settings));
  try {
    app.useGlobalFilters(new ProblemFilter(definition.problems ?? [], logger));
    app.get(ReadinessChecks, { strict: false }).set(definition.readiness?.(app) ?? []);
    app.get(Metrics, { strict: false }).set(definition.metrics?.(app) ?? []);
    await definition.beforeListen?.(app, settings);
    const url = await listen(app, definition.name, settings);
    logger.info({ url }, 'listening');
    await definition.afterListen?.(app, settings);
    return { app, url, close };
  } catch (error) {
    await close().catch((closeError: unknown) => {
      logger.warn({ err: closeError }, 'what had been opened did not close cleanly after the failed start');
    });
    throw error;
  }
}

function leaveBodiesUnread(app: NestFastifyApplication): void {
  const fastify = app.getHttpAdapter().getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _body, done) => done(null));
}

interface Address {
  readonly HOST: string;
  readonly PORT: number;
}

async function listen(app: NestFastifyApplication, service: string, address: Address): Promise<string> {
  await app.init();
  try {
    await app.listen(address.PORT, address.HOST);
  } catch (cause) {
    throw new ListenError({ service, host: address.HOST, port: address.PORT, cause });
  }
  const bound = app.getHttpServer().address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : address.PORT;
  const host = address.HOST.includes(':') ? `[${address.HOST}]` : address.HOST;
  return `http://${host}:${port}`;
}
