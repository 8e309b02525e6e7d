import type { LogRecord } from '@millrace/event';
import type { OpenContext, PartitionHandler } from '../partition-handler';
import { context as alwaysMember, signal } from './trial-partition';

export interface Owner<Partition> {
  readonly partition: Partition;
  /** Where its fetch goes on, as kafkajs would: an index of the log. */
  from: number;
}

/** Those who have owned a partition, one after the other, and read it from a log. All but the last may be zombies. */
export class Owners<Partition extends PartitionHandler> {
  private readonly all: Owner<Partition>[] = [];

  constructor(
    private readonly log: readonly LogRecord[],
    private readonly make: () => Partition,
    private readonly context: OpenContext = alwaysMember,
  ) {}

  /** The one that took over last. @throws when nobody has */
  get present(): Owner<Partition> {
    return this.at(this.all.length - 1);
  }

  /** The one before; the first, where there is no other. @throws when nobody has taken over */
  get zombie(): Owner<Partition> {
    return this.at(Math.max(0, this.all.length - 2));
  }

  /** @throws when it halts instead */
  async takeOver(): Promise<void> {
    const partition = this.make();
    const opened = await partition.open(this.context);
    if (opened.kind !== 'open') throw new Error(opened.reason);
    this.all.push({ partition, from: Number(opened.fetchFrom) });
  }

  /** Hands so many records of the log to an owner. Where it is fenced, another one takes over. @throws when it stands still */
  async feed(owner: Owner<Partition>, count: number): Promise<void> {
    const outcome = await owner.partition.handle(this.log.slice(owner.from, owner.from + count), signal);
    if (outcome.kind === 'done') owner.from = Math.min(owner.from + count, this.log.length);
    else if (outcome.kind === 'hold') owner.from = Number(outcome.nextOffset);
    else if (outcome.kind === 'fenced') await this.takeOver();
    else throw new Error(outcome.reason);
  }

  private at(index: number): Owner<Partition> {
    const owner = this.all[index];
    if (owner === undefined) throw new Error('nobody has taken over yet');
    return owner;
  }
}
