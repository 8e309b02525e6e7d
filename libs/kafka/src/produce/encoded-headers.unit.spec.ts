import type { RawHeader } from '@millrace/event';
import fc from 'fast-check';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeRecordBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
import { encodeHeaders, encodeRawHeaders, NO_HEADERS } from './encoded-headers';
import { encodeRecordBatch } from './record-batch-bytes';

/** The headers that a record has which was written with these and read by kafkajs. */
async function readBack(rawHeaders: readonly RawHeader[]): Promise<readonly RawHeader[]> {
  const record = { key: null, value: null, timestampMs: 0, sharedHeaders: NO_HEADERS };
  const bytes = encodeRecordBatch([{ ...record, headers: encodeRawHeaders(rawHeaders) }]);
  const { records } = await decodeRecordBatch(new Decoder(bytes));
  return Object.entries(records[0]?.headers ?? {}).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((value): RawHeader => [name, value as Buffer | null]),
  );
}

const hex = (headers: readonly RawHeader[]) => headers.map(([name, value]) => [name, value?.toString('hex')]);

const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
// Names that no whole number is among: those change their place in kafkajs.
const anyHeader: fc.Arbitrary<RawHeader> = fc.tuple(
  fc.string({ unit: 'grapheme', maxLength: 70 }).map((name) => `x${name}`),
  fc.option(anyBytes, { nil: null }),
);

describe('headers that are bytes already', () => {
  it('are read as they were written, in their order, whatever bytes they hold', async () => {
    const headers = fc.uniqueArray(anyHeader, { maxLength: 20, selector: ([name]) => name });
    await fc.assert(
      fc.asyncProperty(headers, async (written) => {
        expect(hex(await readBack(written))).toEqual(hex(written));
      }),
    );
  });

  it('keep every one of a repeated name, also those without a value', async () => {
    const written: RawHeader[] = [
      ['a', Buffer.from('1')],
      ['a', null],
      ['a', Buffer.alloc(0)],
      ['b', Buffer.from('2')],
    ];
    expect(hex(await readBack(written))).toEqual(hex(written));
  });

  it('are the same bytes as those of an object that says the same', () => {
    const value = Buffer.from('00ff', 'hex');
    expect(
      encodeRawHeaders([
        ['ce_id', Buffer.from('7')],
        ['x', value],
      ]),
    ).toEqual(encodeHeaders({ ce_id: '7', x: value }));
  });
});
