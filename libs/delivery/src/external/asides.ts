import type { Logger } from '@millrace/contracts';
import type { LogRecord, TopicPartition } from '@millrace/event';
import type { ConsumerGroup } from '../consumer-group';
import type { PartitionObserver } from '../delivery-observer';
import type { EffectFailure } from '../effect-failure';
import { drainDelayMs, isPermanent, reasonFor } from '../parking/group-judge';
import type { KeyFences } from '../parking/key-fences';
import { fenceOf } from '../parking/parking-lot';
import type { ParkingLot } from '../parking/parking-lot';

export interface AsidesOptions<Transaction> {
  readonly group: ConsumerGroup;
  readonly lot: ParkingLot<Transaction>;
  readonly fences: KeyFences<Transaction>;
  readonly log: Logger;
  readonly observer: PartitionObserver;
}

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

  constructor(
    private readonly at: TopicPartition,
    private readonly options: AsidesOptions<Transaction>,
  ) {}

  /** A record whose key is fenced. */
  queue(record: LogRecord): void {
    this.add({ record, failure: undefined });
  }

  /** A record that has failed for good, or for now. */
  setAside(failure: EffectFailure): void {
    const { fences, group, log } = this.options;
    const { record, error, attempt: attempts } = failure;
    const isFenced = !isPermanent(error) || group.deadKey === 'fence';
    fences.setAside(record, isFenced);
    this.add({ record, failure });
    const place = { group: group.name, ...this.at, offset: String(record.offset), attempts };
    const what = isPermanent(error)
      ? 'a record became a dead letter'
      : 'a record is parked, and its key fenced';
    log.warn({ ...place, error: reasonFor(failure).message }, what);
  }

  /** Stores those below an offset. A fence that an operator's discard has taken away meanwhile is put up again for them. */
  async write(tx: Transaction, to: bigint): Promise<void> {
    const { lot, group } = this.options;
    const below = this.below(to);
    const behind = below.filter(({ failure }) => failure === undefined).map(({ record }) => record);
    for (const { record, failure } of below) {
      if (failure === undefined) continue;
      const reason = reasonFor(failure);
      if (isPermanent(failure.error)) await lot.bury(tx, record, reason, group.deadKey === 'fence');
      else await lot.park(tx, record, reason, drainDelayMs(group, failure.attempt));
    }
    if (behind.length === 0) return;
    await lot.ensure(tx, this.at, [...new Set(behind.map(fenceOf))].sort());
    await lot.queue(tx, behind);
  }

  /** They are stored: the parking lot speaks for their fences from now on. */
  written(to: bigint): void {
    const below = this.below(to);
    const { observer } = this.options;
    for (const { record, failure } of below) {
      this.waiting.delete(record.offset);
      if (failure === undefined) continue;
      if (isPermanent(failure.error)) observer.dead();
      else observer.parked();
    }
    this.options.fences.queued(below.map(({ record }) => record));
  }

  private add(aside: Aside): void {
    this.waiting.set(aside.record.offset, aside);
    this.options.fences.willQueue(aside.record);
  }

  private below(to: bigint): Aside[] {
    return [...this.waiting.values()]
      .filter(({ record }) => record.offset < to)
      .sort((a, b) => (a.record.offset < b.record.offset ? -1 : 1));
  }
}
