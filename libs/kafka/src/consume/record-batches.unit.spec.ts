import fc from 'fast-check';
import type { ByteRange } from '@millrace/event';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeRecordBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
import { batchBytes } from '../test/fetched-bytes';
import type { AnyBatch, AnyRecord } from '../test/fetched-bytes';
import { plainMessage } from '../test/plain-message';
import { CorruptBatchError } from './corrupt-batch-error';
import { readRecordBatches } from './record-batches';

const place = { topic: 'flights', partition: 3 };
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 90 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(null, Buffer.alloc(0), Buffer.alloc(20_000, 7)),
);
const anyName = fc.oneof(
  fc.constantFrom('ce_id', 'ce_source', 'traceparent', ''),
  fc.string({ unit: 'grapheme', maxLength: 80 }).map((name) => `n${name}`),
);
const anyLong = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 62n }), fc.bigInt({ min: 0n, max: 3_000_000_000n }));
const anyRecord: fc.Arbitrary<AnyRecord> = fc.record({
  timestampDelta: fc.oneof(
    fc.bigInt({ min: -100n, max: 100n }),
    fc.bigInt({ min: -(2n ** 61n), max: 2n ** 61n }),
  ),
  offsetDelta: fc.nat(),
  key: anyBytes,
  value: anyBytes,
  headers: fc.array(fc.tuple(anyName, anyBytes), { maxLength: 70, size: 'small' }),
});
const anyBatch: fc.Arbitrary<AnyBatch> = fc.record({
  baseOffset: anyLong,
  baseTimestamp: anyLong,
  maxTimestamp: anyLong,
  producerId: fc.oneof(fc.constant(-1n), anyLong),
  gzip: fc.boolean(),
  flags: fc.constantFrom(0, 0x08, 0x10, 0x20, 0x38),
  records: fc.array(anyRecord, { maxLength: 6 }),
});

const sampleRecord = (headers: AnyRecord['headers']): AnyRecord => ({
  ...{ timestampDelta: 0n, offsetDelta: 0, key: null, value: null, headers },
});
const sample = (...records: AnyRecord[]): AnyBatch => ({
  ...{
    baseOffset: 40n,
    baseTimestamp: 0n,
    maxTimestamp: 0n,
    producerId: -1n,
    gzip: false,
    flags: 0,
    records,
  },
});
const read = async (headers: AnyRecord['headers']) =>
  (await readRecordBatches(place, batchBytes(sample(sampleRecord(headers)))))[0]!;

function bytesOf(found: ByteRange | undefined): Buffer | undefined {
  return found && Buffer.from(found.bytes.subarray(found.from, found.to));
}

describe('fetched record batches', () => {
  it('are the messages that kafkajs makes of them, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBatch, { maxLength: 3 }), async (batches) => {
        const bytes = batches.map(batchBytes);
        const theirs = await Promise.all(bytes.map((each) => decodeRecordBatch(new Decoder(each))));
        const ours = await readRecordBatches(place, Buffer.concat(bytes));
        expect(ours.map(plainMessage)).toEqual(theirs.flatMap(({ records }) => records).map(plainMessage));
      }),
    );
  });

  it('give the first header of a name as text and as bytes, and nothing for one without a value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 6 }), async (records) => {
        const ours = await readRecordBatches(place, batchBytes(sample(...records)));
        records.forEach(({ headers }, index) => {
          for (const name of new Set(['ce_id', 'absent', ...headers.map(([each]) => each)])) {
            const first = headers.find(([each]) => each === name)?.[1];
            expect(ours[index]?.header(name)).toBe(first?.toString());
            expect(bytesOf(ours[index]?.headerBytes(name))).toEqual(first ?? undefined);
            expect(ours[index]?.hasHeaders([name])).toBe((first ?? undefined) !== undefined);
          }
        });
      }),
    );
  });

  it('say whether several headers are there, in whatever order and however often each is', async () => {
    const few = fc.tuple(
      fc.constantFrom('a', 'b', 'c', 'dd'),
      fc.constantFrom(null, Buffer.from('x'), Buffer.alloc(300)),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(few, { maxLength: 70, size: 'small' }),
        fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'dd')),
        async (headers, names) => {
          const record = await read(headers);
          const isThere = (name: string) => record.headerBytes(name) !== undefined;
          expect(record.hasHeaders(names)).toBe(names.every(isThere));
        },
      ),
    );
  });

  it('give all headers in their order, repeated names included', async () => {
    const headers = [
      ['b', 'x'],
      ['1', null],
      ['a', ''],
      ['b', 'y'],
    ] as const;
    const record = await read(
      headers.map(([name, value]) => [name, value === null ? null : Buffer.from(value)]),
    );
    const list = record.rawHeaders();
    expect(list.map(([name, value]) => [name, value?.toString() ?? null])).toEqual(headers);
  });

  it('give every value its own text, although most values of a name are known by then', async () => {
    const values = ['/tower', '/tower', '/gate-1', '/gate-2', '/gate-1', '/gate-1', '/gate-2', '/tower'];
    const records = values.map((value) => sampleRecord([['ce_source', Buffer.from(value)]]));
    const ours = await readRecordBatches(place, batchBytes(sample(...records)));
    expect(ours.map((record) => record.header('ce_source'))).toEqual(values);
  });

  it('have headers of any name, also of those that every object has', async () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const record = await read(names.map((name) => [name, Buffer.from(name)]));
    expect(Object.entries(record.headers).map(([name, value]) => [name, String(value)])).toEqual(
      names.map((name) => [name, name]),
    );
  });

  it('end where the broker has cut the last one', async () => {
    const whole = batchBytes(sample(sampleRecord([])));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), async (length) => {
        const records = await readRecordBatches(place, Buffer.concat([whole, whole.subarray(0, length)]));
        expect(records.map(({ offset }) => offset)).toEqual([40n]);
      }),
    );
  });

  it('of which one byte has changed are not read', async () => {
    const whole = batchBytes(sample(sampleRecord([['ce_id', Buffer.from('1')]])));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 21, max: whole.length - 1 }), async (at) => {
        const damaged = Buffer.from(whole);
        damaged[at]! ^= 1;
        await expect(readRecordBatches(place, damaged)).rejects.toThrow(CorruptBatchError);
      }),
    );
    await expect(readRecordBatches(place, whole)).resolves.toHaveLength(1);
  });
});
