import type { LogRecord } from '@millrace/event';
import type { EffectFailure } from '../effect-failure';
import type { GroupPartitionParts } from '../group-partition-parts';
import { fenceOf } from '../parking/parking-lot';
import { noteSetAside, storeSetAside, tellSetAside } from '../parking/set-aside';

/** A record that was taken out of the way; without a failure it waits behind another one of its key. */
interface Aside {
  readonly record: LogRecord;
  readonly failure: EffectFailure | undefined;
}

/**
 * What was taken out of the way in one partition and is not stored yet: each is stored with the commit that moves the position
 * past it. From the moment that a record is set aside its key is fenced in memory, and stays so until all of it is stored.
 */
export class Asides<Transaction> {
  private readonly waiting = new Map<bigint, Aside>();

  constructor(private readonly parts: GroupPartitionParts<Transaction>) {}

  /** A record whose key is fenced. */
  queue(record: LogRecord): void {
    this.waiting.set(record.offset, { record, failure: undefined });
    this.parts.fences.queue(record);
  }

  /** A record that has failed for good, or for now. */
  setAside(failure: EffectFailure): void {
    const { record } = failure;
    this.waiting.set(record.offset, { record, failure });
    noteSetAside(this.parts, failure);
    this.parts.fences.willQueue(record);
  }

  /** Stores those below an offset. A fence that an operator's discard has taken away meanwhile is put up again for them. */
  async write(tx: Transaction, to: bigint): Promise<void> {
    const { at, lot } = this.parts;
    const below = this.below(to);
    const behind = below.filter(({ failure }) => failure === undefined).map(({ record }) => record);
    for (const { failure } of below) if (failure !== undefined) await storeSetAside(tx, this.parts, failure);
    if (behind.length === 0) return;
    await lot.ensure(tx, at, [...new Set(behind.map(fenceOf))].sort());
    await lot.queue(tx, behind);
  }

  /** They are stored: the parking lot speaks for their fences from now on. */
  written(to: bigint): void {
    const below = this.below(to);
    for (const { record, failure } of below) {
      this.waiting.delete(record.offset);
      if (failure !== undefined) tellSetAside(this.parts, failure);
    }
    this.parts.fences.queued(below.map(({ record }) => record));
  }

  private below(to: bigint): Aside[] {
    return [...this.waiting.values()]
      .filter(({ record }) => record.offset < to)
      .sort((a, b) => (a.record.offset < b.record.offset ? -1 : 1));
  }
}
