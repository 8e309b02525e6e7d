import { MillraceError } from '@millrace/contracts';

/** A text that should be a position is none. */
export class InvalidPositionError extends MillraceError {
  override readonly name = 'InvalidPositionError';
  override readonly code = 'INVALID_POSITION';
  override readonly retriable = false;

  constructor(text: string) {
    super(
      `Not a position: expected <topic>/<partition>/<offset>, such as flights/3/17, got ${text.length} characters of another form.`,
    );
  }
}

/** A record in the log does not carry the CloudEvents headers that identify an event. */
export class NotAnEventError extends MillraceError {
  override readonly name = 'NotAnEventError';
  override readonly code = 'NOT_AN_EVENT';
  override readonly retriable = false;

  constructor(where: { topic: string; partition: number; offset: bigint }, missing: readonly string[]) {
    super(
      `The record at ${where.topic}/${where.partition}/${where.offset} is not a CloudEvent in binary mode: ` +
        `header ${missing.join(', ')} is missing. Find the producer that writes to this topic without Millrace.`,
      { context: { topic: where.topic, partition: where.partition, offset: String(where.offset), missing } },
    );
  }
}
