import { parseConfiguration } from '../configuration/configuration';
import type { ServerVariables } from '../configuration/shared-variables';
import type { ConfigurationDefinition, Settings } from '../configuration/variable';
import { createLogger, type ServiceLogger } from '../logging/logger';
import { startService, type RunningService, type ServiceDefinition } from './start-service';

/**
 * The whole life of a service's process, for `main.ts`: reads the environment, starts, and stops gracefully on SIGTERM
 * or SIGINT with exit code 0. Further signals do not cut the stop short, because npm and terminals send them twice.
 *
 * Exit code 1, after one `fatal` line in the log: an invalid configuration, a failed start, a stop that failed or took
 * longer than SHUTDOWN_TIMEOUT_MS, an unhandled rejection or exception. Resolves when the service runs; never rejects.
 */
export async function runService<D extends ConfigurationDefinition & ServerVariables>(
  definition: ServiceDefinition<D>,
): Promise<void> {
  const fatal = createLogger({ name: definition.name, level: 'fatal' });
  let settings: Settings<D>;
  try {
    settings = parseConfiguration(definition.configuration, process.env);
  } catch (error) {
    return die(fatal, error, 'the configuration is invalid');
  }
  // The definition contains the server's variables; TypeScript cannot see that through the open type D.
  const server = settings as Settings<ServerVariables>;
  const logger = createLogger({ name: definition.name, level: server.LOG_LEVEL });
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => die(logger, error, `nobody handled an error (${event})`));
  }
  const start = startService(definition, settings, logger);
  stopOnSignal(start, server.SHUTDOWN_TIMEOUT_MS, logger);
  try {
    await start;
  } catch (error) {
    die(logger, error, 'the service did not start');
  }
}

function stopOnSignal(start: Promise<RunningService>, timeoutMs: number, logger: ServiceLogger): void {
  let stopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) {
      return;
    }
    stopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(
      () => die(logger, undefined, `the stop took longer than SHUTDOWN_TIMEOUT_MS (${timeoutMs} ms)`),
      timeoutMs,
    );
    try {
      // A signal during the start waits for it: what is half open can only be closed once it is open or has failed.
      const service = await start;
      await service.close();
    } catch (error) {
      return die(logger, error, 'the service did not stop cleanly');
    }
    logger.info('stopped');
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => void stop(signal));
  }
}

/** Lines are written synchronously, so the last one is out before the process is gone. */
function die(logger: ServiceLogger, error: unknown, message: string): never {
  logger.fatal({ ...(error === undefined ? {} : { err: error }) }, message);
  process.exit(1);
}
