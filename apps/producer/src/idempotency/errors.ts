import { MillraceError } from '@millrace/contracts';

/** An id that was published within its topic's window comes again, and says something else. */
export class EventIdReusedError extends MillraceError {
  override readonly name = 'EventIdReusedError';
  override readonly code = 'EVENT_ID_REUSED';
  override readonly retriable = false;

  constructor(topic: string) {
    super(
      `An event with this source and id was published to ${topic} before, with other content; nothing was written. ` +
        'Give a new event an id of its own, or send the first one again as it was.',
      { context: { topic } },
    );
  }
}

/** The topic's reservations cannot be made now, so its events cannot be taken; other topics go on. */
export class IdempotencyUnavailableError extends MillraceError {
  override readonly name = 'IdempotencyUnavailableError';
  override readonly code = 'IDEMPOTENCY_UNAVAILABLE';
  override readonly retriable = true;

  constructor(topic: string, reason: string, cause?: unknown) {
    super(
      `${topic} has an idempotency window, and no event could be reserved: ${reason} ` +
        'Nothing was written. Send it again with the same source and id.',
      { context: { topic }, cause },
    );
  }
}

/** An event is on its way for somebody else, or was when they died, and whether it is in the log is not known yet. */
export class EventUnsettledError extends MillraceError {
  override readonly name = 'EventUnsettledError';
  override readonly code = 'EVENT_UNSETTLED';
  override readonly retriable = true;

  constructor(topic: string, waitedMs: number) {
    super(
      `This event was sent to ${topic} before, and it did not become known within ${waitedMs} ms whether the log has it. ` +
        'Send it again with the same source and id: it will be in the log once.',
      { context: { topic } },
    );
  }
}
