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

  constructor(projection: string, asked: readonly number[]) {
    super(
      `Projection ${projection}: version ${asked.join(', ')} is not the one that readers see now. A process that hosts the ` +
        'live version answers; GET /v1/projections names it.',
      { context: { projection, asked: asked.join(', ') } },
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

/** A query took longer than queries may. */
export class QueryTimeoutError extends MillraceError {
  override readonly name = 'QueryTimeoutError';
  override readonly code = 'QUERY_TIMEOUT';
  override readonly retriable = true;

  constructor(projection: string, cause?: unknown) {
    super(
      `The query of projection ${projection} was given up: it took longer than QUERY_TIMEOUT_MS. Ask for less, or for what an ` +
        'index serves; an index that was declared a moment ago may still be being made.',
      { context: { projection }, cause },
    );
  }
}

/** A value that a query compares with is none of its column's type. */
export class ValueRefusedError extends MillraceError {
  override readonly name = 'ValueRefusedError';
  override readonly code = 'VALUE_REFUSED';
  override readonly retriable = false;

  constructor(projection: string, cause: unknown) {
    super(
      `The query of projection ${projection} compares with a value that PostgreSQL does not take: a key or a text has no NUL.`,
      { context: { projection }, cause },
    );
  }
}

/** More queries wait for a connection to PostgreSQL than can be answered in time. */
export class QueriesFullError extends MillraceError {
  override readonly name = 'QueriesFullError';
  override readonly code = 'QUERIES_FULL';
  override readonly retriable = true;

  constructor(projection: string, cause?: unknown) {
    super(
      `The query of projection ${projection} was not begun: all QUERY_POOL_SIZE connections are busy, and too many queries ` +
        'wait for one. Ask again shortly, or another instance.',
      { context: { projection }, cause },
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
