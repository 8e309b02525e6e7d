import { isMovedCopy } from '@millrace/delivery';
import type { CopyNotes } from '@millrace/delivery';
import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { CopyStore, PositionStore } from '../index';

const topic = 'flights';
const at = { topic, partition: 3 };

describe('what is remembered of a position’s copy in Kafka', () => {
  let database: TestDatabase;
  let positions: PositionStore;
  let copies: CopyStore;
  let readers = 0;

  beforeAll(async () => {
    database = await createPlatformDatabase();
  });

  afterAll(() => database.drop());

  beforeEach(() => {
    const reader = `group/trial-${(readers += 1)}`;
    positions = new PositionStore(database.pool, reader);
    copies = new CopyStore(database.pool, reader);
  });

  const take = (previous: bigint | undefined, foundCopy?: bigint, partition = 3) =>
    positions.take(
      { topic, partition },
      { previous, start: 40n, partitionCount: 6, ...(foundCopy === undefined ? {} : { foundCopy }) },
    );
  const notes = async (partition = 3): Promise<CopyNotes> => {
    const all = await copies.readNotes(topic);
    return all.get(partition) ?? { nextOffset: -1n, epoch: -1n };
  };
  const move = async (offset: bigint, partition = 3) => ({
    topic,
    partition,
    offset,
    notes: await notes(partition),
  });
  /** By the version before, which knows nothing of copies. */
  const takeAsBefore = () =>
    database.query(`UPDATE millrace.position SET epoch = epoch + 1 WHERE reader = '${copies.reader}'`);

  it('is read for all partitions of a topic, or for the one that is opened', async () => {
    for (const partition of [0, 1, 2]) await take(undefined, undefined, partition);
    expect([...(await copies.readNotes(topic)).keys()].toSorted()).toEqual([0, 1, 2]);
    expect([...(await copies.readNotes(topic, 1)).keys()]).toEqual([1]);
    expect([...(await copies.readNotes(topic, 3)).keys()]).toEqual([]);
  });

  it('begins with what each owner finds, and is over with the first copy that Kafka acknowledges', async () => {
    await take(undefined, 5n);
    expect(await notes()).toEqual({ nextOffset: 40n, epoch: 1n, copyEpoch: 1n, knownCopy: 5n });
    await copies.noteCopy(at, { epoch: 1n, offset: 42n });
    expect(await notes()).toEqual({ nextOffset: 40n, epoch: 1n, copyEpoch: 1n, copyOffset: 42n });
    await take(1n);
    expect(await notes()).toEqual({ nextOffset: 40n, epoch: 2n, copyEpoch: 2n, copyOffset: 42n });
  });

  it('is not changed by the late note of a former owner', async () => {
    await take(undefined);
    await take(1n, 5n);
    await copies.noteCopy(at, { epoch: 1n, offset: 42n });
    expect(await notes()).toEqual({ nextOffset: 40n, epoch: 2n, copyEpoch: 2n, knownCopy: 5n });
  });

  it('says nothing about what the version before has written since', async () => {
    await take(undefined);
    const copy = { offset: 12n, isOurs: false };
    expect(isMovedCopy(copy, await notes())).toBe(true);
    await takeAsBefore();
    expect(isMovedCopy(copy, await notes())).toBe(false);
    await take(2n, 12n);
    expect(isMovedCopy(copy, await notes())).toBe(false);
    expect(isMovedCopy({ offset: 13n, isOurs: false }, await notes())).toBe(true);
  });

  it('becomes the position, without the record before it, when it is adopted; a running owner is fenced', async () => {
    await take(undefined);
    const last = { timestampMs: 1, identity: 'x' };
    await positions.commit(at, { epoch: 1n, from: 40n, to: 45n, last }, () => Promise.resolve());
    await copies.adopt([await move(7n)]);
    expect(await positions.read(at)).toEqual({ nextOffset: 7n, epoch: 2n, partitionCount: 6 });
    expect(isMovedCopy({ offset: 7n, isOurs: false }, await notes())).toBe(false);
    const late = positions.commit(at, { epoch: 1n, from: 45n, to: 46n }, () => Promise.resolve());
    await expect(late).rejects.toMatchObject({ code: 'FENCED' });
  });

  it('leaves the position, and is known, when it is rejected, until the owner’s copy has taken its place', async () => {
    await take(undefined);
    const copy = { offset: 7n, isOurs: false };
    await copies.reject([await move(7n)]);
    expect(await positions.read(at)).toEqual({ nextOffset: 40n, epoch: 2n, partitionCount: 6 });
    expect(isMovedCopy(copy, await notes())).toBe(false);
    await take(2n, 7n);
    await copies.noteCopy(at, { epoch: 3n, offset: 40n });
    expect(isMovedCopy(copy, await notes())).toBe(true);
  });

  it('is decided for all partitions or for none', async () => {
    await take(undefined, undefined, 1);
    await take(undefined, undefined, 2);
    const moves = [await move(7n, 2), await move(8n, 1)];
    await take(1n, undefined, 2);
    for (const decide of [copies.adopt(moves), copies.reject(moves)]) {
      await expect(decide).rejects.toMatchObject({ code: 'POSITION_CHANGED', context: { partition: 2 } });
    }
    expect([await notes(1), await notes(2)]).toMatchObject([
      { nextOffset: 40n, epoch: 1n },
      { nextOffset: 40n, epoch: 2n },
    ]);
  });
});
