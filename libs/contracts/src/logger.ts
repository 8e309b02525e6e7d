/** What the platform's libs need of a logger; pino's loggers satisfy it. Fields first, then one sentence. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Logs nothing: for a caller that has no logger. */
export const noLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
