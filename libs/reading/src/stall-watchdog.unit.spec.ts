import { jest } from '@jest/globals';
import type { Logger } from '@millrace/contracts';
import { formatTopicPartition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';
import type { ExpectedMove, GroupReaderStatus, PartitionStatus } from '@millrace/kafka';
import { silentLogger } from '@millrace/testing';
import { StallWatchdog } from './stall-watchdog';
import type { WatchedReader } from './stall-watchdog';

const S = 1_000;
const EVERY_MS = 15 * S;

/** A reader of topic `orders` whose partitions do what the test says. */
class TrialReader implements WatchedReader {
  readonly stallAfterMs: number;
  state: GroupReaderStatus['state'] = 'joined';
  partitions: PartitionStatus[] = [];

  constructor(
    readonly reader = 'group/mailer',
    stallAfterMs = 60 * S,
  ) {
    this.stallAfterMs = stallAfterMs;
  }

  get status(): GroupReaderStatus {
    return { state: this.state, partitions: this.partitions };
  }

  /** Partition 0 is at this offset, and should move as long as the log goes on. */
  at(offset: number, expected: Partial<ExpectedMove> = {}): void {
    const nextOffset = BigInt(offset);
    this.partitions = [
      {
        ...{ topic: 'orders', partition: 0, state: 'running', nextOffset },
        expected: { from: nextOffset, progress: `${offset}`, otherwise: 'its handler sleeps', ...expected },
      },
    ];
  }
}

describe('the watchdog of partitions that stall', () => {
  let watchdog: StallWatchdog;
  let reader: TrialReader;
  /** What Kafka was asked, look by look. */
  let asked: string[][];
  let ends: Map<string, number>;
  let isAway: boolean;
  let said: string[];

  const log: Logger = {
    ...silentLogger,
    warn: (fields: object, message: string) =>
      said.push(`${message}: ${'reason' in fields ? String(fields.reason) : ''}`),
    info: (_fields: object, message: string) => said.push(message),
  };
  const pass = (seconds: number) => jest.advanceTimersByTimeAsync(seconds * S);
  const reason = (of = reader) => watchdog.reasonOf(of, of.partitions[0]!);

  beforeEach(() => {
    jest.useFakeTimers();
    asked = [];
    said = [];
    isAway = false;
    ends = new Map([['orders/0', 10]]);
    const read = async (partitions: readonly TopicPartition[]) => {
      asked.push(partitions.map(formatTopicPartition));
      if (isAway) throw new Error('nobody answers');
      return partitions.map((at) => ({ ...at, end: BigInt(ends.get(formatTopicPartition(at)) ?? 0) }));
    };
    watchdog = new StallWatchdog({ ends: { read }, everyMs: EVERY_MS, log });
    reader = new TrialReader();
    watchdog.watch(reader);
  });

  afterEach(() => {
    watchdog.leave(reader);
    jest.useRealTimers();
  });

  it('tells when nothing is done for the declared time while the log goes on: once in the log, and as long as it lasts to whoever asks', async () => {
    reader.at(7);
    // Seen there, seen there again with the log going on, and a minute after that.
    await pass(15 + 15 + 45);
    expect(reason()).toBeUndefined();
    await pass(15);
    const told =
      'group/mailer at orders/0/7 has not moved for 60 s while the log goes on to 10: its handler sleeps';
    expect(reason()).toBe(told);
    expect(said).toEqual([`partition stalled: ${told}`]);
    ends.set('orders/0', 25);
    await pass(60);
    expect(reason()).toMatch(/has not moved for 120 s while the log goes on to 25/);
    expect(said).toHaveLength(1);
  });

  it('is over at once when something is done, and says so', async () => {
    reader.at(7);
    await pass(90);
    expect(reason()).toBeDefined();
    reader.at(8);
    expect(reason()).toBeUndefined();
    await pass(15);
    expect(said).toEqual([expect.stringMatching(/^partition stalled/), 'a stalled partition goes on']);
    await pass(90);
    expect(reason()).toMatch(/orders\/0\/8 has not moved/);
    expect(said).toHaveLength(3);
  });

  it('keeps quiet while anything is done, and asks Kafka nothing', async () => {
    for (let offset = 0; offset < 40; offset++) {
      reader.at(offset);
      await pass(15);
    }
    // A slow record at the position, and others behind it that are done.
    for (let count = 0; count < 40; count++) {
      reader.at(40, { progress: `40+${count}` });
      await pass(15);
    }
    expect(said).toEqual([]);
    expect(asked).toEqual([]);
  });

  it('keeps quiet where nothing is left to do, and takes a record that comes for no stall of an hour', async () => {
    ends.set('orders/0', 7);
    reader.at(7);
    await pass(3_600);
    ends.set('orders/0', 8);
    await pass(45);
    expect(reason()).toBeUndefined();
    expect(said).toEqual([]);
    // Between the position and the log's end lies the marker of a transaction.
    ends.set('orders/0', 9);
    reader.at(7, { from: 9n });
    await pass(3_600);
    expect(said).toEqual([]);
  });

  it('keeps quiet where the state says why, and gives a partition its whole time afterwards', async () => {
    reader.partitions = [{ topic: 'orders', partition: 0, state: 'held', nextOffset: 7n }];
    await pass(600);
    reader.at(7);
    await pass(75);
    expect(reason()).toBeUndefined();
    await pass(15);
    expect(reason()).toBeDefined();
    reader.partitions = [{ topic: 'orders', partition: 0, state: 'halted', nextOffset: 7n }];
    expect(reason()).toBeUndefined();
  });

  it('tells of a partition that is not opened, with what it knows', async () => {
    const expected = { otherwise: 'the database is in recovery' };
    reader.partitions = [{ topic: 'orders', partition: 0, state: 'opening', expected }];
    await pass(90);
    expect(reason()).toBe(
      'group/mailer at orders/0 has not been opened for 60 s while the log goes on to 10: the database is in recovery',
    );
  });

  it('does not begin anew with each rebalance', async () => {
    reader.at(7);
    await pass(45);
    reader.state = 'rejoining';
    reader.partitions = [];
    await pass(30);
    reader.state = 'joined';
    reader.partitions = [
      { topic: 'orders', partition: 0, state: 'opening', expected: { otherwise: 'it is not open yet' } },
    ];
    await pass(15);
    reader.at(7);
    await pass(15);
    expect(reason()).toMatch(/orders\/0\/7 has not moved for 75 s/);
  });

  it('forgets a partition that another member got', async () => {
    reader.at(7);
    await pass(75);
    reader.partitions = [];
    await pass(15);
    reader.at(7);
    await pass(75);
    expect(said).toEqual([]);
  });

  it('asks for the ends of all readers in one go, once a look, and not for those that somebody has noted', async () => {
    const other = new TrialReader('projection/airport@1', 200 * S);
    other.at(3);
    other.partitions = [...other.partitions, { ...other.partitions[0]!, topic: 'stock', partition: 4 }];
    watchdog.watch(other);
    ends.set('stock/4', 9);
    reader.at(7);
    await pass(30);
    expect(asked).toEqual([['orders/0', 'stock/4']]);
    await pass(10);
    watchdog.note([{ topic: 'orders', partition: 0, end: 11n }]);
    await pass(5);
    expect(asked.slice(1)).toEqual([['stock/4']]);
    await pass(45);
    // Each by its own time.
    expect([reason(), reason(other)]).toEqual([expect.stringContaining('goes on to'), undefined]);
    await pass(150);
    expect(reason(other)).toMatch(/^projection\/airport@1 at orders\/0\/3 has not moved for 2\d\d s/);
    watchdog.leave(other);
    expect(reason(other)).toBeUndefined();
  });

  it('judges nothing while nobody says where the logs end', async () => {
    reader.at(7);
    await pass(45);
    isAway = true;
    await pass(600);
    expect(said).toEqual([]);
    isAway = false;
    await pass(15);
    expect(reason()).toBeDefined();
  });

  it('asks nothing any more once all readers have left', async () => {
    reader.at(7);
    await pass(30);
    watchdog.leave(reader);
    await pass(600);
    expect(asked).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});
