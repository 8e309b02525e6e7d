import { MillraceError } from '@millrace/contracts';

/** None of the brokers that a command was given answers. */
export class KafkaUnreachableError extends MillraceError {
  override readonly name = 'KafkaUnreachableError';
  override readonly code = 'KAFKA_UNREACHABLE';
  override readonly retriable = true;

  constructor(brokers: readonly string[], cause: unknown) {
    super(
      `Kafka does not answer at ${brokers.join(', ')} (${reasonOf(cause)}). Is it running, and is KAFKA_BROKERS right?`,
      { context: { brokers }, cause },
    );
  }
}

/** What the innermost error says, without the words of those that wrap it. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reasonOf(error.cause);
}
