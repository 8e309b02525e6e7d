import { MillraceError } from '@millrace/contracts';
import type { TopicPartition } from '@millrace/event';

/** A position has moved, or has another owner, since somebody decided about it. */
export class PositionChangedError extends MillraceError {
  override readonly name = 'PositionChangedError';
  override readonly code = 'POSITION_CHANGED';
  override readonly retriable = true;

  constructor(reader: string, { topic, partition }: TopicPartition) {
    super(
      `The position of ${reader} in ${topic}/${partition} has changed meanwhile. Nothing was done; look again and decide anew.`,
      { context: { reader, topic, partition } },
    );
  }
}

/** A projection's declared layout is not the one that its tables were made with. */
export class ProjectionLayoutError extends MillraceError {
  override readonly name = 'ProjectionLayoutError';
  override readonly code = 'PROJECTION_LAYOUT';
  override readonly retriable = false;

  constructor(projection: string, version: number, expected: string, got: string) {
    super(
      `Projection ${projection}: the tables of version ${version} were made with ${expected}, and the code declares ${got}. ` +
        'A changed layout or fold is a new version that is rebuilt from the log: raise the version, host the old one ' +
        'beside it, and run: millrace replay rebuild',
      { context: { projection, version, expected, got } },
    );
  }
}

/** The live build of a projection is of another version than the one that was asked. */
export class LiveVersionError extends MillraceError {
  override readonly name = 'LiveVersionError';
  override readonly code = 'LIVE_VERSION';
  override readonly retriable = true;

  constructor(projection: string, asked: number) {
    super(
      `Projection ${projection}: version ${asked} is not the one that readers see now. A process that hosts the live ` +
        'version answers; GET /v1/projections names it.',
      { context: { projection, asked } },
    );
  }
}

/** A migration cannot be applied: its SQL fails, or the folder does not continue what was applied before. */
export class MigrationFailedError extends MillraceError {
  override readonly name = 'MigrationFailedError';
  override readonly code = 'MIGRATION_FAILED';
  override readonly retriable = false;

  constructor(schema: string, cause: unknown) {
    super(
      `The database schema ${schema} could not be brought up to date, and is as it was: ` +
        `${cause instanceof Error ? cause.message : String(cause)}. Applied migrations stand in ${schema}.migration.`,
      { context: { schema }, cause },
    );
  }
}

/** A statement failed within a transaction, and whoever ran it went on as if nothing had happened. */
export class TransactionRolledBackError extends MillraceError {
  override readonly name = 'TransactionRolledBackError';
  override readonly code = 'TRANSACTION_ROLLED_BACK';
  override readonly retriable = false;

  constructor() {
    super(
      'PostgreSQL rolled the transaction back instead of committing it: one of its statements had failed, and the ' +
        'error was caught. Let the error out, or put a savepoint around a statement that may fail.',
    );
  }
}

/** A list was asked to sort by something that is not a column. */
export class UnknownColumnError extends MillraceError {
  override readonly name = 'UnknownColumnError';
  override readonly code = 'UNKNOWN_COLUMN';
  override readonly retriable = false;

  constructor(projection: string, column: string, known: readonly string[]) {
    super(
      `Projection ${projection} has no column ${JSON.stringify(column.slice(0, 60))}; it has ${known.join(', ')}.`,
      {
        context: { projection, known },
      },
    );
  }
}

/** A fold gave a column of JSON more than a row can hold. */
export class JsonTooLargeError extends MillraceError {
  override readonly name = 'JsonTooLargeError';
  override readonly code = 'JSON_TOO_LARGE';
  override readonly retriable = false;

  constructor(
    projection: string,
    { column, sizeBytes, maxBytes }: { column: string; sizeBytes: number; maxBytes: number },
  ) {
    super(
      `Projection ${projection} gave column ${column} ${sizeBytes} bytes of JSON, and a row holds ${maxBytes} of it at most. ` +
        'Keep less, or make what grows a projection of its own.',
      { context: { projection, column, sizeBytes, maxBytes } },
    );
  }
}

/** PostgreSQL cannot be reached, or is not taking work. */
export class DatabaseUnavailableError extends MillraceError {
  override readonly name = 'DatabaseUnavailableError';
  override readonly code = 'DATABASE_UNAVAILABLE';
  override readonly retriable = true;

  constructor(what: string, cause: unknown) {
    super(`${what} could not be read: PostgreSQL cannot be reached. Ask again when it is back.`, {
      context: { what },
      cause,
    });
  }
}
