import { readKafkaRequest } from './kafka-request';
import { int16Bytes, requestBytes, stringBytes } from './test/kafka-bytes';
import { UnreadableFrameError } from './unreadable-frame-error';

describe('a Kafka request', () => {
  it('says which it is, of which version, whose, and which answer belongs to it', () => {
    const frame = requestBytes({ api: 'Fetch', apiVersion: 11, correlationId: 7, clientId: 'räder' });
    expect(readKafkaRequest(frame)).toEqual({
      apiKey: 1,
      api: 'Fetch',
      apiVersion: 11,
      correlationId: 7,
      clientId: 'räder',
      answered: true,
    });
  });

  it('may have no client id, and a number for its name', () => {
    const frame = requestBytes({ api: 99, correlationId: -1, clientId: null });
    expect(readKafkaRequest(frame)).toMatchObject({ api: 'api-99', correlationId: -1, clientId: null });
  });

  const tags = Buffer.from([2, 0, 1, 0xaa, 5, 3, 1, 2, 3]);
  it.each([
    ['2', 2, Buffer.alloc(0)],
    ['7, outside a transaction', 7, stringBytes(null)],
    ['7, within one', 7, stringBytes('transfer')],
    ['9, outside a transaction', 9, Buffer.from([0, 0])],
    ['9, within one', 9, Buffer.concat([Buffer.from([0, 9]), Buffer.from('transfer')])],
    ['9, with tagged fields', 9, Buffer.concat([tags, Buffer.from([0])])],
  ])('is not answered when it produces with acks=0, in version %s', (_what, apiVersion, before) => {
    const answered = [0, 1, -1].map((acks) => {
      const body = Buffer.concat([before, int16Bytes(acks), Buffer.alloc(8)]);
      return readKafkaRequest(requestBytes({ api: 'Produce', apiVersion, correlationId: 1, body })).answered;
    });
    expect(answered).toEqual([false, true, true]);
  });

  it('is refused when it is shorter than its header', () => {
    expect(() => readKafkaRequest(Buffer.alloc(10))).toThrow(UnreadableFrameError);
  });
});
