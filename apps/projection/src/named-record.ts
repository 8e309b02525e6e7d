import { MillraceError } from '@millrace/contracts';
import { RecordFailure, UndecodableRecordError } from '@millrace/delivery';
import type { LogRecord } from '@millrace/event';
import { FoldError } from '@millrace/projecting';

/** Reads a record. @throws RecordFailure that names it; what may pass is thrown as it is */
export function readNamed<Result>(record: LogRecord, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof MillraceError && error.retriable) throw error;
    throw new RecordFailure(record, new UndecodableRecordError(record, record.offset, error));
  }
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
