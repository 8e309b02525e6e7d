import fc from 'fast-check';
import Batch from 'kafkajs/src/consumer/batch.js';
import { batchBytes } from '../test/fetched-bytes';
import type { FetchedRecord } from './fetched-record';
import { readRecordBatches } from './record-batches';

const place = { topic: 'trial', partition: 0 };
const FIRST = 5n;
const TRANSACTIONAL_MARKER = 0x30;

interface Shape {
  readonly count: number;
  readonly isMarker: boolean;
}

/** So many records each, one batch behind the other, with markers of transactions among them. */
const shapes = fc.array(fc.record({ count: fc.integer({ min: 1, max: 5 }), isMarker: fc.boolean() }), {
  maxLength: 5,
});

function answerOf(all: readonly Shape[]): Buffer {
  let baseOffset = FIRST;
  const batches = all.map(({ count, isMarker }) => {
    const records = Array.from({ length: count }, (_, offsetDelta) => ({
      ...{ timestampDelta: 0n, offsetDelta, key: Buffer.from('k'), value: null, headers: [] },
    }));
    const times = { baseTimestamp: 0n, maxTimestamp: 0n };
    const flags = isMarker ? TRANSACTIONAL_MARKER : 0;
    const bytes = batchBytes({ ...times, baseOffset, producerId: 1n, gzip: false, flags, records });
    baseOffset += BigInt(count);
    return bytes;
  });
  return Buffer.concat(batches);
}

/** What kafkajs passes on of them. */
function passedOn(messages: readonly FetchedRecord[], fetchedOffset: number): bigint[][] {
  const partition = { partition: 0, highWatermark: '99', abortedTransactions: [], messages };
  const batch = new Batch('trial', String(fetchedOffset), partition);
  return [batch.messages, batch.messagesWithinOffset].map((list) => list.map(({ offset }) => offset));
}

describe('the records of an answer', () => {
  it('are passed on from the offset that was asked for, as those of an ordinary array are', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.nat(30), async (all, fetchedOffset) => {
        const records = await readRecordBatches(place, answerOf(all));
        expect(passedOn(records, fetchedOffset)).toEqual(passedOn(Array.from(records), fetchedOffset));
      }),
    );
  });

  it('are looked at one by one by whoever comes after kafkajs', async () => {
    const records = await readRecordBatches(place, answerOf([{ count: 3, isMarker: false }]));
    const batch = new Batch('trial', '0', {
      ...{ partition: 0, highWatermark: '99', abortedTransactions: [], messages: records },
    });
    expect(batch.messages.filter(({ offset }) => offset === 5n)).toHaveLength(1);
    expect(records.map(({ offset }) => offset).filter((offset) => offset === 5n)).toHaveLength(1);
  });
});
