import { MillraceError } from '@millrace/contracts';

/** Another relay has taken its turn at this outbox. */
export class RelayFencedError extends MillraceError {
  override readonly name = 'RelayFencedError';
  override readonly code = 'OUTBOX_RELAY_FENCED';
  override readonly retriable = true;

  constructor() {
    super('Another relay works at this outbox since; this one gives up its work, and waits for its turn.');
  }
}

/** The database has not answered the relay. */
export class OutboxSilentError extends MillraceError {
  override readonly name = 'OutboxSilentError';
  override readonly code = 'OUTBOX_SILENT';
  override readonly retriable = true;

  constructor(withinMs: number) {
    super(
      `The outbox's database has not answered within ${withinMs} ms; the relay begins again on a new connection.`,
      {
        context: { withinMs },
      },
    );
  }
}

/** An operator named an event that is not set aside, or that only waits behind another one. */
export class NotSetAsideError extends MillraceError {
  override readonly name = 'NotSetAsideError';
  override readonly code = 'OUTBOX_NOT_SET_ASIDE';
  override readonly retriable = false;

  constructor(number: string) {
    super(
      `No event ${number.slice(0, 20)} is set aside for a reason of its own. GET /v1/outbox lists those that are; what ` +
        'waits behind one of them goes on with it.',
    );
  }
}
