import { MillraceError } from '@millrace/contracts';

/** An attribute of an event is not one that CloudEvents and the platform take. */
export class OutboxAttributeError extends MillraceError {
  override readonly name = 'OutboxAttributeError';
  override readonly code = 'OUTBOX_ATTRIBUTE_INVALID';
  override readonly retriable = false;

  constructor(attribute: string, expected: string) {
    super(`The event was not appended: ${attribute} must be ${expected}.`, { context: { attribute } });
  }
}

/** An event is larger than the relay takes. */
export class OutboxEventTooLargeError extends MillraceError {
  override readonly name = 'OutboxEventTooLargeError';
  override readonly code = 'OUTBOX_EVENT_TOO_LARGE';
  override readonly retriable = false;

  constructor(type: string, sizeBytes: number, maxBytes: number) {
    super(
      `The event ${type} was not appended: its data has ${sizeBytes} bytes as JSON, expected at most ${maxBytes}. ` +
        'Send a smaller one, or a reference to the data.',
      { context: { type, sizeBytes, maxBytes } },
    );
  }
}

/** Appended on something that is not in a transaction, such as a pool: state and event would part. */
export class OutboxOutsideTransactionError extends MillraceError {
  override readonly name = 'OutboxOutsideTransactionError';
  override readonly code = 'OUTBOX_OUTSIDE_TRANSACTION';
  override readonly retriable = false;

  constructor(cause: unknown) {
    super(
      'The event was not appended: there is no transaction on this connection. Give append the connection on which the ' +
        'transaction was begun, not a pool, which takes another one for each statement.',
      { cause },
    );
  }
}

/** The database has no outbox, or an older one. */
export class OutboxNotInstalledError extends MillraceError {
  override readonly name = 'OutboxNotInstalledError';
  override readonly code = 'OUTBOX_NOT_INSTALLED';
  override readonly retriable = false;

  constructor(cause: unknown) {
    super(
      'The event was not appended: this database has no function millrace_outbox.append for it. Run the migration of ' +
        '@millrace/outbox (outboxMigrationSql) in the database that the transaction is in.',
      { cause },
    );
  }
}
