import { silentLogger } from '@millrace/testing';
import { defineConsumerGroup } from './consumer-group';
import { RecordFailure } from './effect-failure';
import { PermanentError } from './errors';
import { GroupPartition } from './group-partition';
import type { PartitionObserver } from './partition-observer';
import { noPartitionObserver } from './partition-observer';
import { MemoryLedger } from './test/memory-ledger';
import type { Effects } from './test/memory-ledger';
import { MemoryLot } from './test/memory-lot';
import { at, context, recordAt, recordsAt, signal, trialOf } from './test/trial-partition';
import type { Trial } from './test/trial-partition';

/** Writes down what it hears. */
function listening(heard: string[]): PartitionObserver {
  return {
    ...noPartitionObserver,
    received: (records) => void heard.push(`received from ${records[0]?.offset}, ${records.length}`),
    consumed: (count, nextOffset) => void heard.push(`consumed ${count} up to ${nextOffset}`),
    retried: () => void heard.push('retried'),
    parked: () => void heard.push('parked'),
    dead: () => void heard.push('dead'),
  };
}

describe('the observer of a partition', () => {
  let trial: Trial;
  let heard: string[];
  beforeEach(() => {
    trial = trialOf(new MemoryLedger());
    heard = [];
  });

  const opened = async () => {
    const partition = trial.partition({ observer: listening(heard) });
    await partition.open(context);
    return partition;
  };

  it('hears of records when they come and when their position is committed, repeats with them', async () => {
    const partition = await opened();
    await partition.handle([...recordsAt(0, 40), recordAt(40, 'event-1')], signal);
    expect(heard).toEqual(['received from 0, 41', 'consumed 32 up to 32', 'consumed 9 up to 41']);
    expect(trial.attempted).toHaveLength(40);
  });

  it('hears of the record that fails, of nothing that was rolled back, and of no record twice', async () => {
    const partition = await opened();
    trial.failing.set(2n, new Error('no such airport'));
    await partition.handle(recordsAt(0, 5), signal);
    trial.failing.clear();
    await partition.handle(recordsAt(2, 5), signal);
    expect(heard).toEqual([
      'received from 0, 5',
      'consumed 2 up to 2',
      'retried',
      'received from 2, 3',
      'consumed 3 up to 5',
    ]);
  });

  it('does not hear of records from before the position', async () => {
    trial.ledger.row = { nextOffset: 10n, epoch: 1n, partitionCount: 6 };
    const partition = await opened();
    await partition.handle(recordsAt(0, 8), signal);
    await partition.handle(recordsAt(8, 12), signal);
    expect(heard).toEqual(['received from 10, 2', 'consumed 2 up to 12']);
  });
});

describe('the observer of a partition whose records may be parked', () => {
  const failing = new Map<bigint, Error>();
  let heard: string[];
  let partition: GroupPartition<Effects>;

  beforeEach(async () => {
    heard = [];
    failing.clear();
    const ledger = new MemoryLedger();
    partition = new GroupPartition<Effects>(at, {
      group: defineConsumerGroup({
        name: 'trial',
        handles: [{ type: 'trial', topic: 'trial' }],
        retry: { attempts: 2, initialMs: 1, maxMs: 1 },
        parking: { attempts: 2, initialMs: 1, maxMs: 1, maxKeyShare: 1 },
      }),
      ...{ ledger, lot: new MemoryLot(ledger), log: silentLogger, observer: listening(heard) },
      readExtent: () => Promise.resolve({ start: 0n, end: 10n, partitionCount: 1 }),
      offsetAt: () => Promise.resolve(0n),
      prepare: () => Promise.resolve(),
      process: async (_effects, records) => {
        for (const record of records) {
          const error = failing.get(record.offset);
          if (error !== undefined) throw new RecordFailure(record, error);
        }
      },
    });
    // Its queues are drained by the test alone.
    await partition.open({ ...context, signal: AbortSignal.abort() });
  });

  it('hears of a record that is parked once that is committed, and of each try until it is dead', async () => {
    failing.set(0n, new Error('no'));
    await partition.handle(recordsAt(0, 3), signal);
    await partition.handle(recordsAt(0, 3), signal);
    expect(heard).toEqual([
      'received from 0, 3',
      'retried',
      'received from 0, 3',
      'consumed 1 up to 1',
      'parked',
      'consumed 2 up to 3',
    ]);
    heard.length = 0;
    await partition.queues.drainDue(signal);
    expect(heard).toEqual(['retried', 'dead']);
  });

  it('hears of a record that is dead at once', async () => {
    failing.set(1n, new PermanentError('no such flight'));
    await partition.handle(recordsAt(0, 2), signal);
    expect(heard).toEqual(['received from 0, 2', 'consumed 1 up to 1', 'consumed 1 up to 2', 'dead']);
  });
});
