import { crc32c } from '@node-rs/crc32';
import fc from 'fast-check';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeRecordBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
import { encodeHeaders, encodeSharedHeaders } from './encoded-headers';
import type { Headers } from './encoded-headers';
import { encodeRecordBatch } from './record-batch-bytes';

interface Plain {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly shared: Headers;
  readonly own: Headers;
  readonly timestampMs: number;
}

const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(null, Buffer.alloc(0), Buffer.alloc(20_000, 7)),
);
/** Names of two halves, so that a record never has one twice. */
const headersOf = (prefix: string) =>
  fc.dictionary(
    fc.string({ unit: 'grapheme', maxLength: 70 }).map((name) => prefix + name),
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    ),
    { maxKeys: 6, noNullPrototype: true },
  );
const anyRecord: fc.Arbitrary<Plain> = fc.record({
  key: anyBytes,
  value: anyBytes,
  shared: headersOf('s'),
  own: headersOf('o'),
  timestampMs: fc.oneof(
    fc.integer({ min: 0, max: 8.64e15 }),
    fc.integer({ min: 1.7e12, max: 1.7e12 + 1_000 }),
  ),
});

const encode = (records: readonly Plain[]): Buffer =>
  encodeRecordBatch(
    records.map(({ key, value, shared, own, timestampMs }) => ({
      ...{ key, value, timestampMs },
      sharedHeaders: encodeSharedHeaders(shared),
      headers: encodeHeaders(own),
    })),
  );

/** Bytes as text: Jest compares buffers one element after the other. */
const hex = (bytes: Buffer | null): string | null => bytes?.toString('hex') ?? null;
const hexHeaders = (headers: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Buffer.from(value as Buffer | string).toString('hex'),
    ]),
  );

describe('the bytes of a record batch', () => {
  it('are read by kafkajs as the records that went in, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 12 }), async (records) => {
        const batch = await decodeRecordBatch(new Decoder(encode(records)));
        expect(
          batch.records.map(({ key, value, headers, offset, timestamp }) => ({
            ...{ key: hex(key), value: hex(value), headers: hexHeaders(headers), offset, timestamp },
          })),
        ).toEqual(
          records.map(({ key, value, shared, own, timestampMs }, index) => ({
            ...{ key: hex(key), value: hex(value), headers: hexHeaders({ ...shared, ...own }) },
            ...{ offset: String(index), timestamp: String(timestampMs) },
          })),
        );
        expect(batch).toMatchObject({
          firstOffset: '0',
          lastOffsetDelta: records.length - 1,
          maxTimestamp: String(Math.max(...records.map(({ timestampMs }) => timestampMs))),
          inTransaction: false,
          isControlBatch: false,
          producerId: '-1',
          producerEpoch: -1,
          firstSequence: -1,
        });
      }),
    );
  });

  it('carry the number that they are given, by which the broker knows them again', async () => {
    const record = {
      key: null,
      value: null,
      headers: encodeHeaders({}),
      sharedHeaders: encodeSharedHeaders({}),
    };
    const number = { producerId: 9_007_199_254_740_993n, producerEpoch: 2, firstSequence: 2_000_000_000 };
    const bytes = encodeRecordBatch([{ ...record, timestampMs: 0 }], number);
    expect(await decodeRecordBatch(new Decoder(bytes))).toMatchObject({
      producerId: '9007199254740993',
      producerEpoch: 2,
      firstSequence: 2_000_000_000,
    });
    expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes.subarray(21)));
  });

  it('carry a checksum and a length that hold for all of them', () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 5 }), (records) => {
        const bytes = encode(records);
        expect(bytes.readInt32BE(8)).toBe(bytes.length - 12);
        expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes.subarray(21)));
      }),
    );
  });
});
