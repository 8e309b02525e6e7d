import { MillraceError } from '@millrace/contracts';

/** None of the brokers that a command was given answers. */
export class KafkaUnreachableError extends MillraceError {
  override readonly name = 'KafkaUnreachableError';
  override readonly code = 'KAFKA_UNREACHABLE';
  override readonly retriable = true;

  constructor(brokers: readonly string[], cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Kafka does not answer at ${brokers.join(', ')} (${reason}). Is it running, and is KAFKA_BROKERS right?`,
      { context: { brokers }, cause },
    );
  }
}
