import { MillraceError } from '@millrace/contracts';

/** A batch could not be sent; nothing of it has left this process. */
export class NotSentError extends MillraceError {
  override readonly name = 'NotSentError';
  override readonly code = 'NOT_SENT';
  override readonly retriable = true;

  constructor(topic: string, partition: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `Nothing was sent to ${topic}/${partition}: ${reason}. Send it again when a broker can be reached.`,
      {
        context: { topic, partition },
        cause,
      },
    );
  }
}
