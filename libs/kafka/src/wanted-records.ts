import { formatPosition, formatTopicPartition } from '@millrace/event';
import type { LogRecord, Position, TopicPartition } from '@millrace/event';

/** Single records of the log that are looked for, and what has become of each. */
export class WantedRecords {
  /** Offsets that were neither found nor passed yet, rising, by partition. */
  private readonly pending = new Map<string, bigint[]>();
  private readonly found = new Map<string, LogRecord>();

  constructor(positions: readonly Position[]) {
    for (const position of positions) {
      const where = formatTopicPartition(position);
      const offsets = new Set(this.pending.get(where)).add(position.offset);
      this.pending.set(
        where,
        [...offsets].sort((a, b) => (a < b ? -1 : 1)),
      );
    }
  }

  /** The topics of what is still looked for. */
  get topics(): string[] {
    const topics = [...this.pending.keys()].map((where) => where.slice(0, where.lastIndexOf('/')));
    return [...new Set(topics)];
  }

  /** The lowest offset of a partition that is still looked for. */
  next(at: TopicPartition): bigint | undefined {
    return this.pending.get(formatTopicPartition(at))?.[0];
  }

  wants(position: Position): boolean {
    return this.pending.get(formatTopicPartition(position))?.includes(position.offset) ?? false;
  }

  keep(record: LogRecord): void {
    this.found.set(formatPosition(record), record);
  }

  /** The log was read up to and with this offset: what was not found there by now is not there. */
  passed(at: TopicPartition, offset: bigint): void {
    const where = formatTopicPartition(at);
    const left = this.pending.get(where)?.filter((wanted) => wanted > offset) ?? [];
    if (left.length === 0) this.pending.delete(where);
    else this.pending.set(where, left);
  }

  get isSettled(): boolean {
    return this.pending.size === 0;
  }

  /** What is still looked for, as text. */
  get unsettled(): string[] {
    return [...this.pending].flatMap(([where, offsets]) => offsets.map((offset) => `${where}/${offset}`));
  }

  get(position: Position): LogRecord | undefined {
    return this.found.get(formatPosition(position));
  }
}
