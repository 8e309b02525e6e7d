import { silentLogger } from '@millrace/testing';
import { AssignedPartition } from '../assigned-partition';
import { copyMark, readCopy } from '../copy-mark';
import { PositionCopies } from '../position-copies';
import { ScriptedConsumer } from './scripted-consumer';

async function openAt(
  nextOffset: bigint,
  copied: (offset: bigint) => Promise<void> = () => Promise.resolve(),
) {
  const fetch = { pause: () => undefined, resume: () => undefined, seek: () => undefined };
  const handler = {
    open: async () => ({ kind: 'open' as const, fetchFrom: 0n, nextOffset }),
    handle: async () => ({ kind: 'done' as const }),
    copied,
  };
  const partition = new AssignedPartition({ topic: 'trial', partition: 0 }, handler, fetch, silentLogger);
  await partition.open();
  return partition;
}

describe('copies of positions', () => {
  it('are written when they have moved, and once more in a new generation, where they may have become others', async () => {
    const consumer = new ScriptedConsumer();
    const copies = new PositionCopies(silentLogger);
    const partition = await openAt(7n);
    for (let round = 0; round < 3; round++) await copies.write(consumer.asConsumer(), [partition]);
    expect(consumer.committed).toHaveLength(1);
    copies.forget();
    await copies.write(consumer.asConsumer(), [partition]);
    expect(consumer.committed).toHaveLength(2);
  });

  it.each(['an acknowledgement', 'a note'])('are written again until there was %s', async (what) => {
    const consumer = new ScriptedConsumer();
    const copies = new PositionCopies(silentLogger);
    let notes = 0;
    const partition = await openAt(7n, async () => {
      notes += 1;
      if (what === 'a note' && notes === 1) throw new Error('the database is away');
    });
    consumer.ignoresCommits = what === 'an acknowledgement';
    await copies.write(consumer.asConsumer(), [partition]);
    consumer.ignoresCommits = false;
    await copies.write(consumer.asConsumer(), [partition]);
    await copies.write(consumer.asConsumer(), [partition]);
    expect([consumer.committed.length, notes]).toEqual(what === 'a note' ? [2, 2] : [1, 1]);
  });

  it('of a generation that ends while they are written are not taken for copies of the next one', async () => {
    const consumer = new ScriptedConsumer();
    const copies = new PositionCopies(silentLogger);
    const partition = await openAt(7n, async () => copies.forget());
    await copies.write(consumer.asConsumer(), [partition]);
    await copies.write(consumer.asConsumer(), [partition]);
    expect(consumer.committed).toHaveLength(2);
  });
});

describe('the mark of a copy', () => {
  it.each([
    [
      { offset: '7', metadata: copyMark(7n) },
      { offset: 7n, isOurs: true },
    ],
    [
      { offset: '7', metadata: null },
      { offset: 7n, isOurs: false },
    ],
    [
      { offset: '7', metadata: '' },
      { offset: 7n, isOurs: false },
    ],
    [
      { offset: '7', metadata: copyMark(8n) },
      { offset: 7n, isOurs: false },
    ],
    [
      { offset: '-1', metadata: null },
      { offset: -1n, isOurs: false },
    ],
  ])('is read with its offset: %j', (answer, copy) => {
    expect(readCopy(answer)).toEqual(copy);
  });
});
