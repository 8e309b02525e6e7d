import type { LogRecord, TopicPartition } from '@millrace/event';
import { QueueFullError } from '../errors';
import { KeyShare } from './key-share';
import { fenceOf } from './parking-lot';
import type { ParkingLot } from './parking-lot';
import type { ParkingPolicy } from './parking-policy';

/** How much may stand behind fences; without `maxKeys` or `maxBytes`, as many keys and bytes as the records make. */
export type FencePolicy = Pick<ParkingPolicy, 'maxRecords' | 'maxKeyShare'> & {
  readonly maxKeys?: number;
  readonly maxBytes?: number;
};

/**
 * What the owner of a partition knows of its fences. It never lacks one that it has put up itself or found when it opened
 * the partition. It may hold one to be standing that is gone, which the parking lot tells when it is asked.
 */
export class KeyFences<Transaction> {
  /** By its name, the number that it was given: a later fence of the same key has a higher one. */
  private readonly fences = new Map<string, number>();
  private number = 0;
  /** Records that were told to wait behind a fence and are not in its queue yet, by fence. */
  private readonly coming = new Map<string, number>();
  /** That stand behind fences, those that are coming with them. */
  private records = 0;
  /** Of the values behind fences. What is drained is not taken off before it is read anew: it may be too many. */
  private bytes = 0;
  private readonly share = new KeyShare();

  constructor(
    private readonly at: TopicPartition,
    private readonly lot: ParkingLot<Transaction>,
    private readonly policy: FencePolicy,
  ) {}

  /** Learns what stands in the parking lot. Only adds: what was put up while it was reading is kept. */
  async load(): Promise<void> {
    const { fences, records, bytes } = await this.lot.read(this.at);
    for (const fence of fences) if (!this.fences.has(fence)) this.put(fence);
    this.records = [...this.coming.values()].reduce((sum, count) => sum + count, records);
    this.bytes = bytes;
  }

  /**
   * The records that may run; the others are appended to the queues of their keys, in this transaction.
   * @throws QueueFullError when there is no room for them
   */
  async letThrough(tx: Transaction, records: readonly LogRecord[]): Promise<readonly LogRecord[]> {
    if (this.fences.size === 0 && !this.share.isCounting) return records;
    const named = records.map((record) => ({ record, fence: fenceOf(record) }));
    for (const { fence } of named) this.share.met(fence);
    const asked = new Set(named.map(({ fence }) => fence).filter((fence) => this.fences.has(fence)));
    if (asked.size === 0) return records;
    const standing = new Set(await this.lot.hold(tx, this.at, [...asked]));
    for (const fence of asked) if (!standing.has(fence)) this.fences.delete(fence);
    const behind = named.filter(({ fence }) => standing.has(fence)).map(({ record }) => record);
    if (behind.length === 0) return records;
    const bytes = bytesOf(behind);
    const full = this.bound(behind.length, bytes);
    if (full !== undefined) throw new QueueFullError(this.at, full);
    await this.lot.queue(tx, behind);
    this.records += behind.length;
    this.bytes += bytes;
    return named.filter(({ fence }) => !standing.has(fence)).map(({ record }) => record);
  }

  /** Whether as many records stand behind fences as may. */
  get isFull(): boolean {
    return this.records >= this.policy.maxRecords;
  }

  /** Whether any fence may stand. */
  get isAny(): boolean {
    return this.fences.size > 0;
  }

  /** Whether one more record may be queued. */
  hasRoomFor(record: LogRecord): boolean {
    return this.bound(1, bytesOf([record])) === undefined;
  }

  /** Why no further record should be set aside, in words; undefined when one may be. */
  refusal(): string | undefined {
    const { maxRecords, maxKeyShare, maxKeys = Number.POSITIVE_INFINITY } = this.policy;
    if (this.isFull) return `${maxRecords} records are parked already, which is the bound`;
    if (this.fences.size >= maxKeys) return `${maxKeys} keys are parked already, which is the bound`;
    const full = this.bound(0, 0);
    if (full !== undefined) return `${full} are parked already, which is the bound`;
    const exceeded = this.share.exceeded(maxKeyShare);
    if (exceeded === undefined) return undefined;
    const { failed, met } = exceeded;
    return `${failed} of the last ${met} keys failed, more than the share of ${maxKeyShare} that may be parked: is the handler at fault?`;
  }

  /** A record is about to be set aside, its key fenced or not. Before the commit: a fence too many does no harm. */
  setAside(record: LogRecord, isFenced: boolean): void {
    const fence = fenceOf(record);
    this.share.setAside(fence);
    if (!isFenced) return;
    this.put(fence);
    this.records += 1;
    this.bytes += bytesOf([record]);
  }

  /** Whether this record has to wait behind an earlier one of its key. */
  stopsKey(record: LogRecord): boolean {
    const fence = fenceOf(record);
    this.share.met(fence);
    return this.fences.has(fence);
  }

  /** A record is told to wait behind its fence. */
  queue(record: LogRecord): void {
    this.records += 1;
    this.willQueue(record);
  }

  /** A record was told to wait, or set aside, and will be in its queue with a later commit: until then its fence stays. */
  willQueue(record: LogRecord): void {
    const fence = fenceOf(record);
    this.coming.set(fence, (this.coming.get(fence) ?? 0) + 1);
  }

  /** That commit has been. */
  queued(records: readonly LogRecord[]): void {
    for (const fence of records.map(fenceOf)) {
      const left = (this.coming.get(fence) ?? 1) - 1;
      if (left === 0) this.coming.delete(fence);
      else this.coming.set(fence, left);
    }
  }

  /** To be asked for before a drain begins. */
  get latest(): number {
    return this.number;
  }

  /**
   * So many records were drained, and these keys flow again, by a drain that began when `latest` was so. A fence that was
   * put up since then for one of the keys stays.
   */
  drained(records: number, released: readonly string[], latest: number): void {
    this.records = Math.max(0, this.records - records);
    for (const fence of released) {
      if ((this.fences.get(fence) ?? latest) <= latest && !this.coming.has(fence)) this.fences.delete(fence);
    }
  }

  private put(fence: string): void {
    this.number += 1;
    this.fences.set(fence, this.number);
  }

  /** The bound that so many more would pass, in words. */
  private bound(records: number, bytes: number): string | undefined {
    const { maxRecords, maxBytes = Number.POSITIVE_INFINITY } = this.policy;
    if (this.records + records > maxRecords) return `${maxRecords} records`;
    return this.bytes + bytes > maxBytes ? `${maxBytes} bytes` : undefined;
  }
}

function bytesOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { value }) => sum + (value?.length ?? 0), 0);
}
