import type { TopicPartition } from '@millrace/event';
import { FencedError, StopReachedError } from '../errors';
import type { Advance, Claim, PositionLedger, StoredPosition, StoreFailure } from '../position-ledger';

/** An error of a store, as `classify` of the ledger below understands it. */
export class StoreError extends Error {
  constructor(readonly failure: StoreFailure) {
    super(`store: ${failure}`);
  }
}

/** The effects of one transaction, visible to others once it has committed. */
export type Effects = string[];

/** One partition's position beside its effects, in memory; several owners may use it, as processes would. */
export class MemoryLedger implements PositionLedger<Effects> {
  readonly reader = 'group/trial';
  readonly effects: string[] = [];
  row: StoredPosition | undefined;
  /** Taken one by one, each by the next commit; `undefined` lets that one pass. */
  readonly commitFailures: (StoreFailure | undefined)[] = [];
  /** Runs after each `read`, before its answer arrives: where a rival gets in between. */
  afterRead: () => void = () => undefined;
  /** Called around each transaction, for what else lives in it. */
  onBegin: () => void = () => undefined;
  onRollback: () => void = () => undefined;
  commits = 0;
  readonly claims: Claim[] = [];

  async read(): Promise<StoredPosition | undefined> {
    const answer = this.row;
    this.afterRead();
    return answer;
  }

  async knownPartitionCount(): Promise<number | undefined> {
    return this.row?.partitionCount;
  }

  async take(_at: TopicPartition, claim: Claim): Promise<StoredPosition | undefined> {
    this.claims.push(claim);
    if (claim.previous !== this.row?.epoch) return undefined;
    const { start: nextOffset, partitionCount } = claim;
    this.row = { ...(this.row ?? { nextOffset, partitionCount }), epoch: (claim.previous ?? 0n) + 1n };
    return this.row;
  }

  async commit(at: TopicPartition, advance: Advance, effects: (tx: Effects) => Promise<void>): Promise<void> {
    this.commits += 1;
    const { row } = this;
    if (row?.epoch !== advance.epoch || row.nextOffset !== advance.from) {
      throw new FencedError(this.reader, at, { epoch: advance.epoch, nextOffset: advance.from });
    }
    const { stopAt } = row;
    if (stopAt !== undefined && stopAt < advance.to) throw new StopReachedError(this.reader, at, stopAt);
    const transaction: Effects = [];
    this.onBegin();
    try {
      await effects(transaction);
      const failure = this.commitFailures.shift();
      if (failure !== undefined) throw new StoreError(failure);
    } catch (error) {
      this.onRollback();
      throw error;
    }
    const { partitionCount, epoch } = row;
    const { to: nextOffset, last } = advance;
    this.row = {
      nextOffset,
      epoch,
      partitionCount,
      ...(last === undefined ? {} : { last }),
      ...(stopAt === undefined ? {} : { stopAt }),
    };
    this.effects.push(...transaction);
  }

  classify(error: unknown): StoreFailure {
    return error instanceof StoreError ? error.failure : 'other';
  }
}
