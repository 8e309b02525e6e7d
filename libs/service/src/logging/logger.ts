import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino';
import type { logLevels } from '../configuration/shared-variables';

/** A structured logger; it satisfies the `Logger` that the platform's libs ask for. */
export type ServiceLogger = PinoLogger;

export interface LoggerOptions {
  /** The service's name, in every line. */
  readonly name: string;
  readonly level: (typeof logLevels)[number] | 'silent';
  /** Where the lines go; the standard output by default, written at once so that no line is lost at exit. */
  readonly destination?: DestinationStream;
}

/** One JSON object a line: `level` as a word, `time` in ISO 8601, `service`, `pid`, `msg`, and the fields of the line. */
export function createLogger({ name, level, destination }: LoggerOptions): ServiceLogger {
  const options = {
    level,
    base: { service: name, pid: process.pid },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
