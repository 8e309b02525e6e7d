import type { LoggerService } from '@nestjs/common';
import type { ServiceLogger } from './logger';

/** Nest tells each module and route that it sets up; that is detail, whatever level Nest gives it. */
const setupContexts = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'NestMicroservice',
  'RouterExplorer',
  'RoutesResolver',
]);

/** Writes what Nest logs as lines of the service's own log, with Nest's context as the field `context`. */
export class NestLogger implements LoggerService {
  readonly #logger: ServiceLogger;

  constructor(logger: ServiceLogger) {
    this.#logger = logger;
  }

  log(message: unknown, ...rest: unknown[]): void {
    const line = toLine(message, rest);
    this.#logger[setupContexts.has(line.fields.context ?? '') ? 'debug' : 'info'](line.fields, line.message);
  }

  error(message: unknown, ...rest: unknown[]): void {
    const line = toLine(message, rest);
    this.#logger.error(line.fields, line.message);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    const line = toLine(message, rest);
    this.#logger.warn(line.fields, line.message);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    const line = toLine(message, rest);
    this.#logger.debug(line.fields, line.message);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    const line = toLine(message, rest);
    this.#logger.trace(line.fields, line.message);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    const line = toLine(message, rest);
    this.#logger.fatal(line.fields, line.message);
  }
}

interface Line {
  readonly fields: { context?: string; stack?: string; err?: Error; details?: unknown };
  readonly message: string;
}

/** Nest passes (message, ...details, context) and, for errors, a stack before the context. */
function toLine(message: unknown, rest: readonly unknown[]): Line {
  const fields: Line['fields'] = {};
  const details = [...rest];
  if (typeof details.at(-1) === 'string') {
    fields.context = details.pop() as string;
  }
  const stack = details.findIndex((detail) => typeof detail === 'string' && detail.includes('\n    at '));
  if (stack !== -1) {
    fields.stack = details.splice(stack, 1)[0] as string;
  }
  const remaining = details.filter((detail) => detail !== undefined);
  if (remaining.length > 0) {
    fields.details = remaining;
  }
  if (message instanceof Error) {
    return { fields: { ...fields, err: message }, message: message.message };
  }
  return { fields, message: typeof message === 'string' ? message : JSON.stringify(message) };
}
