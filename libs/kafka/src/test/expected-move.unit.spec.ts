import { setImmediate as turn } from 'node:timers/promises';
import type { HandleOutcome, OpenOutcome, PartitionHandler } from '@millrace/delivery';
import { silentLogger } from '@millrace/testing';
import { GroupReader } from '../group-reader';
import { scriptedKafka } from './scripted-consumer';
import type { ScriptedConsumer } from './scripted-consumer';

/** A handler whose answers a test decides. */
class TrialHandler implements PartitionHandler {
  nextOffset?: bigint;
  progress?: string;
  standing: PartitionHandler['standing'];
  opening: Promise<OpenOutcome> = Promise.resolve({ kind: 'open', fetchFrom: 5n, nextOffset: 5n });
  outcome: Promise<HandleOutcome> = Promise.resolve({ kind: 'done' });

  open(): Promise<OpenOutcome> {
    return this.opening;
  }

  handle(): Promise<HandleOutcome> {
    return this.outcome;
  }
}

describe('what is to be expected of a partition', () => {
  let handler: TrialHandler;
  let reader: GroupReader;
  let consumer: ScriptedConsumer;

  beforeEach(async () => {
    handler = new TrialHandler();
    const { kafka, consumers } = scriptedKafka();
    reader = new GroupReader(kafka, {
      ...{ groupId: 'trial', topics: ['trial'], handlerFor: () => handler },
      log: silentLogger,
    });
    reader.start();
    await turn();
    consumer = consumers[0]!;
  });

  afterEach(() => reader.stop());

  const join = async () => {
    consumer.emit('GROUP_JOIN', { memberAssignment: { trial: [0] } });
    await turn();
  };
  const expected = () => reader.status.partitions[0]?.expected;
  const empty = (lastOffset: number, batchSize = 0) =>
    consumer.emit('END_BATCH_PROCESS', {
      topic: 'trial',
      partition: 0,
      batchSize,
      lastOffset: String(lastOffset),
    });

  it('is that it opens', async () => {
    const opening = Promise.withResolvers<OpenOutcome>();
    handler.opening = opening.promise;
    await join();
    expect(expected()).toEqual({ otherwise: 'it is not open yet' });
    opening.resolve({ kind: 'halt', reason: 'the topic is another one' });
    await turn();
    expect(expected()).toBeUndefined();
  });

  it('is that something is done, and says whose turn it is', async () => {
    await join();
    expect(expected()).toEqual({
      ...{ from: 5n, progress: '5' },
      otherwise: 'no record came from Kafka, or its turn has not come while other partitions are handled',
    });
    const ending = Promise.withResolvers<HandleOutcome>();
    handler.outcome = ending.promise;
    const feeding = consumer.feed([5, 6]);
    expect(expected()).toMatchObject({
      progress: '5',
      otherwise: expect.stringContaining('its handler') as string,
    });
    handler.nextOffset = 6n;
    expect(expected()).toMatchObject({ from: 6n, progress: '6' });
    ending.resolve({ kind: 'done' });
    await feeding;
    handler.nextOffset = 7n;
    expect(expected()).toMatchObject({ from: 7n, progress: '7' });
  });

  it('is that what was taken gets done, also while there is no room for more', async () => {
    handler.outcome = Promise.resolve({
      ...{ kind: 'wait', nextOffset: 7n, reason: '1000 are under way', over: new Promise(() => undefined) },
    });
    await join();
    handler.nextOffset = 6n;
    handler.progress = '6+1';
    await consumer.feed([5, 6, 7]);
    expect(reader.status.partitions[0]).toMatchObject({
      state: 'waiting',
      expected: { from: 6n, progress: '6+1', otherwise: expect.stringContaining('are not done') as string },
    });
    // A stop, with nothing under way.
    handler.nextOffset = 7n;
    expect(expected()).toBeUndefined();
  });

  it('is nothing while its handler says why it stands, and the state is as the handler says', async () => {
    await join();
    handler.nextOffset = 5n;
    handler.standing = { state: 'held', reason: 'nothing more is parked' };
    expect(reader.status.partitions[0]).toEqual({
      ...{ topic: 'trial', partition: 0, nextOffset: 5n },
      ...{ state: 'held', reason: 'nothing more is parked' },
    });
    handler.standing = undefined;
    expect(expected()).toBeDefined();
  });

  it('is nothing while it is held or halted', async () => {
    handler.outcome = Promise.resolve({ kind: 'hold', nextOffset: 5n, delayMs: 60_000, reason: 'no' });
    await join();
    await consumer.feed([5]);
    expect(expected()).toBeUndefined();
    await join();
    handler.outcome = Promise.resolve({ kind: 'halt', reason: 'no' });
    await consumer.feed([5]);
    expect(expected()).toBeUndefined();
  });

  it('begins behind markers and aborted records, as nothing of them comes to the handler', async () => {
    await join();
    await consumer.feed([5, 6], { lastOffset: 7 });
    expect(expected()).toMatchObject({ from: 8n, progress: '7' });
    empty(9, 2);
    expect(expected()).toMatchObject({ from: 8n });
    empty(9);
    expect(expected()).toMatchObject({ from: 10n, progress: '7' });
    handler.nextOffset = 6n;
    // Not where records before them are under way.
    expect(expected()).toMatchObject({ from: 6n });
  });
});
