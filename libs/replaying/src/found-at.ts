import type { Fingerprint } from '@millrace/delivery';
import { findIdentity } from '@millrace/event';
import type { LogRecord } from '@millrace/event';

/** No event's identity: theirs hold a source and an id. */
const NO_IDENTITY = '';

/**
 * What a record that was read back says for the comparison with a position's fingerprint; `undefined` is an offset
 * at which the log has no record. A record that is no event equals no fingerprint.
 */
export function foundAt(record: LogRecord | undefined): Fingerprint | 'nothing' {
  if (record === undefined) return 'nothing';
  return { timestampMs: record.timestampMs, identity: findIdentity(record) ?? NO_IDENTITY };
}
