import { MillraceError } from '@millrace/contracts';

/** The catalogue has no event type of that name. */
export class EventTypeNotFoundError extends MillraceError {
  override readonly name = 'EventTypeNotFoundError';
  override readonly code = 'EVENT_TYPE_NOT_FOUND';
  override readonly retriable = false;

  constructor(
    type: string,
    /** Known names, the most similar first. */
    readonly nearest: readonly string[],
  ) {
    const hint = nearest.length === 0 ? 'The catalogue is empty.' : `Did you mean ${nearest.join(', ')}?`;
    super(`No event type ${JSON.stringify(type.slice(0, 100))} is in the catalogue. ${hint}`, {
      context: { nearest },
    });
  }
}

/** One thing that is wrong with an event's attributes; never the value itself. */
export interface EnvelopeProblem {
  readonly path: string;
  readonly expected: string;
  readonly got: string;
}

/** The envelope of an event cannot be used. */
export class InvalidEnvelopeError extends MillraceError {
  override readonly name = 'InvalidEnvelopeError';
  override readonly code = 'EVENT_ENVELOPE_INVALID';
  override readonly retriable = false;

  constructor(readonly problems: readonly EnvelopeProblem[]) {
    const list = problems.map(
      ({ path, expected, got }) => `${path || '/'}: expected ${expected}, got ${got}`,
    );
    super(`The event cannot be taken: ${list.join('; ')}.`, { context: { problems: list } });
  }
}

/** A body or a line is larger than an event may be. */
export class EventTooLargeError extends MillraceError {
  override readonly name = 'EventTooLargeError';
  override readonly code = 'EVENT_TOO_LARGE';
  override readonly retriable = false;

  constructor(maxBytes: number) {
    super(`An event is larger than ${maxBytes} bytes. Send a smaller one, or a reference to the data.`, {
      context: { maxBytes },
    });
  }
}

/** The schemas of the catalogue have not been looked up yet. */
export class ProducerStartingError extends MillraceError {
  override readonly name = 'ProducerStartingError';
  override readonly code = 'PRODUCER_STARTING';
  override readonly retriable = true;

  constructor(reason: string) {
    super(`The producer cannot publish yet; nothing was written. ${reason}`, { context: {} });
  }
}

/** The producer was told to stop while a stream was under way. */
export class ProducerStoppingError extends MillraceError {
  override readonly name = 'ProducerStoppingError';
  override readonly code = 'PRODUCER_STOPPING';
  override readonly retriable = true;

  constructor() {
    super(
      'The producer is stopping and has not read the rest of the stream. Every event above has its answer; ' +
        'send those without one again, to another instance.',
    );
  }
}
