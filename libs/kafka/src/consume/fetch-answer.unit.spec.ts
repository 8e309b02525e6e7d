import Encoder from 'kafkajs/src/protocol/encoder.js';
import { protocol } from 'kafkajs/src/protocol/requests/fetch/index.js';
import { answerBytes, someBatch } from '../test/fetched-bytes';
import { plainMessage } from '../test/plain-message';
import { readFetchAnswer } from './fetch-answer';

interface Answer {
  readonly responses: readonly { readonly partitions: readonly { readonly messages: readonly object[] }[] }[];
}

/** Without classes and buffers. */
function plain(answer: object): object {
  const responses = (answer as Answer).responses.map((topic) => ({
    ...topic,
    partitions: topic.partitions.map((each) => ({ ...each, messages: each.messages.map(plainMessage) })),
  }));
  return { ...answer, responses };
}

/** A message of the format before headers. */
const oldMessage = (): Buffer => {
  const message = new Encoder()
    .writeUInt32(0)
    .writeInt8(1)
    .writeInt8(0)
    .writeInt64(1_000n)
    .writeBytes(Buffer.from('key'))
    .writeBytes(Buffer.from('value'));
  return new Encoder().writeInt64(7n).writeBytes(message.buffer).buffer;
};

describe.each([4, 5, 6, 7, 8, 9, 10, 11])('an answer to Fetch of version %i', (version) => {
  it.each([
    ['records', someBatch],
    ['nothing new', Buffer.alloc(0)],
    ['a batch that is cut', someBatch.subarray(0, 80)],
    ['messages of before Kafka 0.11', oldMessage()],
  ])('with %s is what kafkajs reads', async (_, records) => {
    const answer = answerBytes(version, records);
    const { response } = protocol({ version })({ topics: [], maxWaitTime: 1 });
    expect(plain(await readFetchAnswer(version, answer))).toEqual(plain(await response.decode(answer)));
  });
});
