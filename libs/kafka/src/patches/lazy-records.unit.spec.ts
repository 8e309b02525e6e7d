import './lazy-records';
import { protocol, versions } from 'kafkajs/src/protocol/requests/fetch/index.js';
import { FetchedRecord } from '../consume/fetched-record';
import { answerBytes, someBatch } from '../test/fetched-bytes';

describe('the answers to Fetch', () => {
  it('have no version beside those that are read by our own decoder, and those that know no headers', () => {
    expect(versions).toEqual(Array.from({ length: 12 }, (_, version) => String(version)));
  });

  it.each([4, 5, 6, 7, 8, 9, 10, 11])('of version %i have records that are read lazily', async (version) => {
    const { response } = protocol({ version })({ topics: [], maxWaitTime: 1 });
    const { responses } = (await response.decode(answerBytes(version, someBatch))) as {
      responses: { partitions: { messages: object[] }[] }[];
    };
    const messages = responses[0]?.partitions[0]?.messages;
    expect(messages).toEqual([expect.any(FetchedRecord), expect.any(FetchedRecord)]);
  });
});
