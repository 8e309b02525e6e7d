import type { FetchedRecord } from './fetched-record';

/**
 * The records of an answer, for kafkajs alone: its Batch passes over those below the offset that was asked for, and makes an
 * object of each record's offset to find out. Offsets rise, so when it keeps the first it keeps them all.
 */
export class RisingRecords extends Array<FetchedRecord> {
  /** What is made from it is an ordinary array. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** For predicates that hold for all records behind one for which they hold. */
  override filter(
    keep: (record: FetchedRecord, index: number, all: FetchedRecord[]) => unknown,
  ): FetchedRecord[] {
    const [first] = this;
    return first === undefined || Boolean(keep(first, 0, this)) ? this.slice() : super.filter(keep);
  }
}
