import type { LogRecord } from '@millrace/event';

/** Records that were taken and that the position has not passed, in the order of their offsets, and the bytes of their values. */
export class UncommittedRecords {
  private readonly records = new Map<bigint, LogRecord>();
  private valueBytes = 0;

  get bytes(): number {
    return this.valueBytes;
  }

  /** Its offset is above all that were added before. */
  add(record: LogRecord): void {
    this.records.set(record.offset, record);
    this.valueBytes += record.value?.length ?? 0;
  }

  below(offset: bigint): LogRecord[] {
    const found: LogRecord[] = [];
    for (const record of this.records.values()) {
      if (record.offset >= offset) break;
      found.push(record);
    }
    return found;
  }

  remove(committed: readonly LogRecord[]): void {
    for (const { offset, value } of committed) {
      this.records.delete(offset);
      this.valueBytes -= value?.length ?? 0;
    }
  }
}
