import { MillraceError } from '@millrace/contracts';
import { RecordFailure, UndecodableRecordError } from '@millrace/delivery';
import type { LogRecord } from '@millrace/event';
import { FoldError } from '@millrace/projecting';

/** Reads records. @throws RecordFailure that names the one that cannot be read; what may pass is thrown as it is */
export function readNamed<Result>(
  records: readonly LogRecord[],
  read: (record: LogRecord) => Result,
): Result[] {
  return records.map((record) => {
    try {
      return read(record);
    } catch (error) {
      if (error instanceof MillraceError && error.retriable) throw error;
      throw new RecordFailure(record, new UndecodableRecordError(record, record.offset, error));
    }
  });
}

/** Does something with these records. @throws RecordFailure that names the one that cannot be folded */
export function withNamedRecord<Result>(records: readonly LogRecord[], fold: () => Result): Result {
  try {
    return fold();
  } catch (error) {
    const { offset } = error instanceof FoldError ? error.context : {};
    const failed = offset === undefined ? undefined : records.find((each) => String(each.offset) === offset);
    throw failed === undefined ? error : new RecordFailure(failed, error);
  }
}
