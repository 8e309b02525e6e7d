import { GroupsClient } from './groups-client';

const url = 'http://consumer.test:3002/';
const answering = (status: number, body: string) =>
  new GroupsClient(url, async () => new Response(body, { status }));

describe('the client of a consumer', () => {
  it('asks for what it is told, with a name that needs escaping', async () => {
    const asked: string[] = [];
    const client = new GroupsClient(url, async (address) => {
      asked.push(address);
      return Response.json({ groups: [], partitions: [] });
    });
    await client.list();
    await client.show('a/b');
    expect(asked).toEqual([
      'http://consumer.test:3002/v1/groups',
      'http://consumer.test:3002/v1/groups/a%2Fb',
    ]);
  });

  it('says why nothing answers, and the variable to look at', async () => {
    const refused = new TypeError('fetch failed', {
      cause: new Error('connect ECONNREFUSED 127.0.0.1:3002'),
    });
    await expect(new GroupsClient(url, () => Promise.reject(refused)).list()).rejects.toMatchObject({
      code: 'CONSUMER_UNREACHABLE',
      message: expect.stringMatching(/\(connect ECONNREFUSED .*\)\. .*is CONSUMER_URL right\?$/) as string,
    });
    const late = Object.assign(new Error('The operation was aborted'), { name: 'TimeoutError' });
    await expect(new GroupsClient(url, () => Promise.reject(late)).list()).rejects.toThrow(
      '(no answer in time)',
    );
  });

  it.each([
    ['HTML', 200, '<html>'],
    ['JSON of another service', 200, '{"replays":[]}'],
    ['the page of a proxy', 502, 'Bad gateway'],
  ])('says that %s is not what a consumer answers', async (_what, status, body) => {
    await expect(answering(status, body).list()).rejects.toMatchObject({
      code: 'CONSUMER_ANSWER_UNREADABLE',
      retriable: status >= 500,
      message: expect.stringMatching(/is CONSUMER_URL right\?$/i) as string,
    });
  });

  it('hands on what the consumer says, and where else a group may be', async () => {
    const detail = 'No consumer group "x" is hosted here; known: billing.';
    const type = 'urn:millrace:problem:group-not-found';
    await expect(
      answering(404, JSON.stringify({ type, detail, retriable: false })).show('x'),
    ).rejects.toMatchObject({
      code: 'CONSUMER_PROBLEM',
      retriable: false,
      message: `${detail} That is the consumer at ${url}; CONSUMER_URL names another one.`,
    });
    await expect(answering(503, '{}').list()).rejects.toMatchObject({
      retriable: true,
      message: 'the consumer answered 503',
    });
  });
});
