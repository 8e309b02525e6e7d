import { MillraceError } from '@millrace/contracts';

/** A body of one event or one batch is larger than it may be, as it came or inflated. */
export class BodyTooLargeError extends MillraceError {
  override readonly name = 'BodyTooLargeError';
  override readonly code = 'BODY_TOO_LARGE';
  override readonly retriable = false;

  constructor(maxBytes: number) {
    super(
      `The body is larger than ${maxBytes} bytes, as it came or inflated. Send many events as application/x-ndjson.`,
      {
        context: { maxBytes },
      },
    );
  }
}

/** A batch has more events than it may have. */
export class BatchTooLargeError extends MillraceError {
  override readonly name = 'BatchTooLargeError';
  override readonly code = 'BATCH_TOO_LARGE';
  override readonly retriable = false;

  constructor(maxEvents: number) {
    super(
      `The batch has more than ${maxEvents} events; none of them was taken. Cut it, or send application/x-ndjson of any length.`,
      { context: { maxEvents } },
    );
  }
}

/** The bodies of all requests under way hold as much memory as they may. */
export class BodiesFullError extends MillraceError {
  override readonly name = 'BodiesFullError';
  override readonly code = 'BODIES_FULL';
  override readonly retriable = true;

  constructor(maxBytes: number) {
    super(
      `The requests under way hold ${maxBytes} bytes already; nothing of this one was written. Send it again.`,
      {
        context: { maxBytes },
      },
    );
  }
}

/** As many streams are open as may be. */
export class StreamsFullError extends MillraceError {
  override readonly name = 'StreamsFullError';
  override readonly code = 'STREAMS_FULL';
  override readonly retriable = true;

  constructor(maxStreams: number) {
    super(`${maxStreams} streams are open already; nothing of this one was read. Send it again.`, {
      context: { maxStreams },
    });
  }
}

/** A client took too long to send a body. */
export class BodyTimeoutError extends MillraceError {
  override readonly name = 'BodyTimeoutError';
  override readonly code = 'BODY_TIMEOUT';
  override readonly retriable = true;

  constructor(timeoutMs: number) {
    super(
      `The body did not arrive within ${timeoutMs} ms; nothing was written. Send it faster, or in parts.`,
      {
        context: { timeoutMs },
      },
    );
  }
}

/** A client sent nothing for too long in the middle of a stream. */
export class StreamStalledError extends MillraceError {
  override readonly name = 'StreamStalledError';
  override readonly code = 'STREAM_STALLED';
  override readonly retriable = true;

  constructor(stallMs: number) {
    super(
      `Nothing came for ${stallMs} ms, so the stream was ended. Every event above has its answer; ` +
        'open a stream when there is something to send.',
      { context: { stallMs } },
    );
  }
}

/** A body is encoded in a way that is not known here. */
export class EncodingNotSupportedError extends MillraceError {
  override readonly name = 'EncodingNotSupportedError';
  override readonly code = 'ENCODING_NOT_SUPPORTED';
  override readonly retriable = false;

  constructor() {
    super('Expected content-encoding gzip, zstd or identity, and one of them alone.');
  }
}

/** A body is not of the encoding that it names, or was cut. */
export class BodyEncodingError extends MillraceError {
  override readonly name = 'BodyEncodingError';
  override readonly code = 'BODY_ENCODING';
  override readonly retriable = false;

  constructor(encoding: string) {
    super(`The body says that it is ${encoding}, but its bytes are not, or they end too early.`, {
      context: { encoding },
    });
  }
}

/** A request has more headers than it may have. */
export class TooManyHeadersError extends MillraceError {
  override readonly name = 'TooManyHeadersError';
  override readonly code = 'TOO_MANY_HEADERS';
  override readonly retriable = false;

  constructor(maxHeaders: number) {
    super(`The request has more than ${maxHeaders} headers. Send fewer extension attributes.`, {
      context: { maxHeaders },
    });
  }
}

/** What became of a batch of which not every event is in the log; each event's own answer is among `events`. */
interface BatchOutcome {
  readonly events: readonly unknown[];
  readonly summary: { readonly published: number; readonly refused: number };
}

/** Some events of a batch were refused for good; sending them again as they are does not help. */
export class BatchRefusedError extends MillraceError {
  override readonly name = 'BatchRefusedError';
  override readonly code = 'BATCH_REFUSED';
  override readonly retriable = false;

  constructor(readonly outcome: BatchOutcome) {
    super(`${counts(outcome)} What was refused has its reason under events.`, { context: outcome.summary });
  }
}

/** Some events of a batch are not known to be in the log, and may be sent again. */
export class BatchUnfinishedError extends MillraceError {
  override readonly name = 'BatchUnfinishedError';
  override readonly code = 'BATCH_UNFINISHED';
  override readonly retriable = true;

  constructor(readonly outcome: BatchOutcome) {
    super(`${counts(outcome)} Send the retriable ones, or the whole batch, again with the same ids.`, {
      context: outcome.summary,
    });
  }
}

function counts({ summary: { published, refused } }: BatchOutcome): string {
  return `${published} of ${published + refused} events are in the log.`;
}
