import type { Fingerprint } from '@millrace/delivery';
import { NotAnEventError, readIdentity } from '@millrace/event';
import type { LogRecord } from '@millrace/event';

/** No event's identity: theirs hold a source and an id. */
const NO_IDENTITY = '';

/**
 * What a record that was read back says for the comparison with a position's fingerprint; `undefined` is an offset
 * at which the log has no record. A record that is no event equals no fingerprint.
 */
export function foundAt(record: LogRecord | undefined): Fingerprint | 'nothing' {
  if (record === undefined) return 'nothing';
  return { timestampMs: record.timestampMs, identity: identityOf(record) };
}

function identityOf(record: LogRecord): string {
  try {
    return readIdentity(record);
  } catch (error) {
    if (error instanceof NotAnEventError) return NO_IDENTITY;
    throw error;
  }
}
