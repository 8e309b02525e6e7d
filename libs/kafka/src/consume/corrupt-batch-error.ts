import { MillraceError } from '@millrace/contracts';

/** A fetched record batch is not what its producer wrote. */
export class CorruptBatchError extends MillraceError {
  override readonly name = 'CorruptBatchError';
  override readonly code = 'CORRUPT_BATCH';
  override readonly retriable = true;

  constructor(firstOffset: bigint, problem: string) {
    super(
      `The record batch that begins at offset ${firstOffset} cannot be read: ${problem}. It is fetched again. ` +
        'If it stays so, the broker that leads the partition has a damaged log: look at its disk, and at its replicas.',
      { context: { firstOffset: firstOffset.toString() } },
    );
  }
}
