import type { Fetcher } from '../ask-service';
import { exitCodes } from './exit-code';
import { ReplayClient } from './replay-client';
import {
  ReplayAnswerUnreadableError,
  ReplayProblemError,
  ReplayServiceUnreachableError,
} from './replay-errors';

const url = 'http://replay.test:3004/';

function answering(status: number, body: string): ReplayClient {
  return new ReplayClient(url, async () => new Response(body, { status }));
}

function failing(cause: Error): ReplayClient {
  return new ReplayClient(url, () => Promise.reject(new TypeError('fetch failed', { cause })));
}

async function errorOf(answer: Promise<unknown>): Promise<unknown> {
  return answer.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the client of the replay service', () => {
  it('asks for what it is told, with a name that needs escaping', async () => {
    const asked: string[] = [];
    const fetcher: Fetcher = async (address, { method = 'GET', body }) => {
      asked.push(`${method} ${address} ${typeof body === 'string' ? body : ''}`.trim());
      return Response.json({ replays: [] });
    };
    const client = new ReplayClient(url, fetcher);
    await client.plan({ projection: 'flight' });
    await client.rebuild({ projection: 'flight', version: 2 });
    await client.act(7, 'pause');
    await client.list();
    await client.rollback('a/b');
    await client.verify({ projection: 'flight', sample: { share: 0.01 } });
    await client.projection('flight');
    await client.diff('flight');
    await client.swap('flight');
    expect(asked).toEqual([
      'POST http://replay.test:3004/v1/replays {"kind":"rebuild","projection":"flight","dryRun":true}',
      'POST http://replay.test:3004/v1/replays {"kind":"rebuild","projection":"flight","version":2}',
      'POST http://replay.test:3004/v1/replays/7/pause',
      'GET http://replay.test:3004/v1/replays',
      'POST http://replay.test:3004/v1/projections/a%2Fb/rollback',
      'POST http://replay.test:3004/v1/replays {"kind":"verify","projection":"flight","sample":{"share":0.01}}',
      'GET http://replay.test:3004/v1/projections/flight',
      'GET http://replay.test:3004/v1/projections/flight/diff',
      'POST http://replay.test:3004/v1/projections/flight/swap',
    ]);
  });

  it('says the innermost reason that nothing answers, and the variable to look at', async () => {
    const attempts = [
      new Error('connect ECONNREFUSED ::1:3004'),
      new Error('connect ECONNREFUSED 127.0.0.1:3004'),
    ];
    const error = await errorOf(failing(new AggregateError(attempts, '')).list());
    expect(error).toBeInstanceOf(ReplayServiceUnreachableError);
    expect(String(error)).toMatch(/\(connect ECONNREFUSED ::1:3004\)\. .*is REPLAY_URL right\?$/);
  });

  it('says that a change may have begun, unless no connection was made', async () => {
    const request = { projection: 'flight' };
    const cut = new Error('other side closed');
    expect(String(await errorOf(failing(cut).rebuild(request)))).toContain('may have begun');
    expect(String(await errorOf(failing(cut).list()))).not.toContain('may have begun');
    const refused = new Error('connect ECONNREFUSED 127.0.0.1:3004');
    expect(String(await errorOf(failing(refused).rebuild(request)))).not.toContain('may have begun');
  });

  it('passes on the end of a watch as what it is', async () => {
    const watch = new AbortController();
    const client = new ReplayClient(url, (_address, { signal }) => {
      watch.abort(new Error('the watch ended'));
      return Promise.reject(signal!.reason as Error);
    });
    expect(await errorOf(client.run(7, watch.signal))).toBe(watch.signal.reason);
  });

  it.each([
    [200, '<html>', false],
    [200, '7', false],
    [404, 'not here', false],
    [503, 'restarting', true],
  ])('takes an answer %i of %j for that of something else', async (status, body, retriable) => {
    const error = await errorOf(answering(status, body).list());
    expect(error).toBeInstanceOf(ReplayAnswerUnreadableError);
    expect(error).toMatchObject({ retriable });
  });

  it.each([
    ['replay-refused', 422, exitCodes.refused],
    ['replay-active', 409, exitCodes.refused],
    ['build-kept', 409, exitCodes.refused],
    ['replay-state', 409, exitCodes.error],
    ['nothing-kept', 409, exitCodes.error],
    ['projection-not-found', 404, exitCodes.error],
  ])('exits after the problem %s (%i) with %i', async (slug, status, exitCode) => {
    const problem = { type: `urn:millrace:problem:${slug}`, status, detail: 'because' };
    const error = await errorOf(answering(status, JSON.stringify(problem)).list());
    expect(error).toMatchObject({ message: 'because', exitCode, retriable: false });
  });

  it('prints the refusals of a problem with the way out of each', async () => {
    const refusals = [{ check: 'schema', where: 'flights', reason: 'no reader', remedy: 'register it' }];
    const problem = { type: 'x', detail: 'no', refusals };
    const error = await errorOf(answering(409, JSON.stringify(problem)).list());
    expect((error as Error).message.split('\n')).toEqual([
      'no',
      '  ✗ flights (schema): no reader',
      '    way out: register it',
    ]);
  });

  it('tries again only after problems that may pass', async () => {
    const body = JSON.stringify({ type: 'x', detail: 'PostgreSQL is away' });
    expect(await errorOf(answering(503, body).list())).toMatchObject({ retriable: true });
    expect(await errorOf(answering(404, body).list())).toBeInstanceOf(ReplayProblemError);
    expect(await errorOf(answering(404, body).list())).toMatchObject({ retriable: false });
  });
});
