import { MillraceError } from '@millrace/contracts';

/** Single records of the log could not be read: not in time, or not at all. */
export class RecordsNotReadError extends MillraceError {
  override readonly name = 'RecordsNotReadError';
  override readonly code = 'RECORDS_NOT_READ';
  override readonly retriable = true;

  constructor(positions: readonly string[], given: { readonly timeoutMs: number; readonly cause?: unknown }) {
    const why = given.cause instanceof Error ? `, last because of: ${given.cause.message}` : '';
    super(
      `Kafka did not give the records at ${positions.join(', ')} within ${given.timeoutMs} ms${why}. Ask again; if it ` +
        'stays so, look whether the partitions have leaders, and whether this process may join a consumer group.',
      { context: { positions }, cause: given.cause },
    );
  }
}
