import { produceRequest } from './produce-request';

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);
const int32 = (value: number): Buffer => Buffer.concat([int16(value >> 16), int16(value & 0xffff)]);
const int64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([int16(Buffer.byteLength(value)), Buffer.from(value)]);

const answerOf = (partition: number, errorCode: number, baseOffset: bigint): Buffer =>
  Buffer.concat([int32(partition), int16(errorCode), int64(baseOffset), int64(-1n), int64(0n)]);

describe('a produce request', () => {
  const request = produceRequest([
    { topic: 'örders', partition: 2, bytes: Buffer.from('aa') },
    { topic: 'flights', partition: 0, bytes: Buffer.from('b') },
    { topic: 'örders', partition: 300, bytes: Buffer.from('ccc') },
  ]);

  it('carries every batch under its topic and partition, for all in-sync replicas to acknowledge', async () => {
    expect(request.mayHaveLeft).toBe(false);
    const { buffer } = await request.request.encode();
    expect(request.mayHaveLeft).toBe(true);
    expect(buffer).toEqual(
      Buffer.concat([
        ...[int16(0xffff), int16(0xffff), int32(8_000), int32(2)],
        ...[text('örders'), int32(2)],
        ...[int32(2), int32(2), Buffer.from('aa'), int32(300), int32(3), Buffer.from('ccc')],
        ...[text('flights'), int32(1), int32(0), int32(1), Buffer.from('b')],
      ]),
    );
  });

  it('reads for each partition its offset or its error, and how long to pause', async () => {
    const answer = await request.response.decode(
      Buffer.concat([
        ...[int32(2), text('flights'), int32(1), answerOf(0, 0, 2n ** 40n)],
        ...[text('örders'), int32(2), answerOf(300, 10, -1n), answerOf(2, 0, 7n)],
        int32(250),
      ]),
    );
    expect(answer.clientSideThrottleTime).toBe(250);
    expect([...answer.partitions.keys()]).toEqual(['flights/0', 'örders/300', 'örders/2']);
    expect(answer.partitions.get('flights/0')).toEqual({ baseOffset: 2n ** 40n });
    expect(answer.partitions.get('örders/300')).toMatchObject({ error: { type: 'MESSAGE_TOO_LARGE' } });
    expect(answer.partitions.get('örders/2')).toEqual({ baseOffset: 7n });
  });
});
