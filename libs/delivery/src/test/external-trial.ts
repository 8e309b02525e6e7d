import { setImmediate as turn } from 'node:timers/promises';
import type { LogRecord } from '@millrace/event';
import { silentLogger, waitFor } from '@millrace/testing';
import { defineConsumerGroup } from '../consumer-group';
import { PermanentError } from '../errors';
import type { CallContext } from '../external/external-call';
import { ExternalPartition } from '../external/external-partition';
import { DependencyBreaker } from '../lanes/dependency-breaker';
import { noPartitionObserver } from '../partition-observer';
import type { Effects } from './memory-ledger';
import { MemoryLedger } from './memory-ledger';
import { MemoryLot } from './memory-lot';
import { at, recordAt } from './trial-partition';

/** Of an owner whose queues are drained, and whose position is moved, by the test alone. */
export const unattended = { confirmMembership: () => Promise.resolve(), signal: AbortSignal.abort() };

/** One partition whose calls end when the test says so. */
export class ExternalTrial {
  readonly ledger = new MemoryLedger();
  readonly lot = new MemoryLot(this.ledger);
  readonly called: number[] = [];
  readonly contexts: CallContext[] = [];
  readonly failing = new Map<number, Error>();
  readonly open = new Map<number, PromiseWithResolvers<void>>();
  readonly breaker = new DependencyBreaker({
    ...{ dependency: 'outside', threshold: 3, halfOpenAfter: { initialMs: 20, maxMs: 20 } },
    countsAsFailure: (error) => !(error instanceof PermanentError),
  });
  readonly partition: ExternalPartition<Effects>;
  retries = 0;

  constructor(attempts = 1, maxRecords = 10_000) {
    this.partition = new ExternalPartition<Effects>(at, {
      group: defineConsumerGroup({
        ...{ name: 'trial', kind: 'external', handles: [{ type: 'trial', topic: 'trial' }] },
        repeatsWithinOffsets: 10,
        retry: { attempts, initialMs: 0.001, maxMs: 0.001 },
        parking: { attempts: 5, initialMs: 1, maxMs: 1, maxRecords },
        calls: { concurrency: 8, timeoutMs: 300 },
      }),
      ...{ ledger: this.ledger, lot: this.lot, log: silentLogger, breaker: this.breaker },
      observer: { ...noPartitionObserver, retried: () => (this.retries += 1) },
      readExtent: () => Promise.resolve({ start: 0n, end: 1_000n, partitionCount: 1 }),
      offsetAt: () => Promise.resolve(0n),
      prepare: () => Promise.resolve(),
      call: async (record, given) => {
        const offset = Number(record.offset);
        this.contexts.push(given);
        await this.open.get(offset)?.promise;
        const error = this.failing.get(offset);
        if (error !== undefined) throw error;
        this.called.push(offset);
      },
    });
  }

  /** The call of this record ends only with `finish`. */
  keepOpen(offset: number): void {
    this.open.set(offset, Promise.withResolvers());
  }

  finish(offset: number): void {
    this.open.get(offset)?.resolve();
    this.open.delete(offset);
  }

  get position(): number {
    return Number(this.ledger.row?.nextOffset);
  }

  async done(...offsets: number[]): Promise<void> {
    await waitFor(`the calls ${offsets.join(', ')}`, () =>
      offsets.every((each) => this.called.includes(each)),
    );
    // What a lane does once its call has ended.
    await turn();
  }
}

/** A record of this key. */
export function keyed(offset: number, key: string): LogRecord {
  return { ...recordAt(offset), key: Buffer.from(key) };
}
