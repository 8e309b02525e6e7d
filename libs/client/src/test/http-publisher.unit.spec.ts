import { getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { httpPublisher } from '../index';
import type { HttpPublisherOptions, PublishError, Publisher, PublishOptions } from '../index';
import { forNow, invalid, notWritten, ScriptedProducer, unknown, written } from './scripted-producer';
import type { Reply } from './scripted-producer';
import { Reading } from './trial-events';

const quick = { initialMs: 1, maxMs: 5 };

describe('httpPublisher', () => {
  let producer: ScriptedProducer;
  let publisher: Publisher;

  async function open(script: readonly Reply[], options: Partial<HttpPublisherOptions> = {}): Promise<void> {
    producer = await ScriptedProducer.start(...script);
    publisher = httpPublisher({
      url: producer.url,
      source: '/specs',
      backoff: quick,
      connections: 1,
      ...options,
    });
  }

  afterEach(async () => {
    await publisher.close({ withinMs: 0 });
    producer.stop();
  });

  const publish = (id: string, options: PublishOptions = {}, meter = 'm1') =>
    publisher.publish(Reading, { meter }, { id, ...options });
  const failureOf = (call: Promise<unknown>): Promise<PublishError> =>
    call.then(
      (value) => expect(value).toBe('a failure') as never,
      (error: unknown) => error as PublishError,
    );
  const arrived = async (requests: number): Promise<void> => {
    for (const deadline = Date.now() + 5_000; producer.requests.length < requests;) {
      if (Date.now() > deadline)
        throw new Error(`${producer.requests.length} of ${requests} requests arrived`);
      await sleep(2);
    }
  };

  describe('an event that is written', () => {
    it('has its place, and its attributes are the same that were sent', async () => {
      await open([]);
      const time = new Date('2001-01-01T00:00:00Z');
      const published = await publish('a', { time, subject: 's', extensions: { tenant: 't1' } });
      expect(published).toEqual({
        id: 'a',
        source: '/specs',
        type: 'trial.Reading',
        topic: 'flights',
        partition: 0,
        offset: 0n,
        position: 'flights/0/0',
      });
      expect(producer.requests).toEqual([
        [
          {
            specversion: '1.0',
            id: 'a',
            source: '/specs',
            type: 'trial.Reading',
            time: time.toISOString(),
            subject: 's',
            tenant: 't1',
            data: { meter: 'm1' },
          },
        ],
      ]);
    });

    it('has an id and a time when the caller names none', async () => {
      await open([]);
      const { id } = await publisher.publish(Reading, { meter: 'm' });
      const [event] = producer.requests[0]!;
      expect(event).toMatchObject({ id, time: expect.stringMatching(/^\d{4}-.*Z$/) as string });
    });

    it('keeps every digit of a long, and has its bytes in base64', async () => {
      await open([]);
      const value = {
        meter: 'm',
        total: 9_007_199_254_740_993n,
        raw: Uint8Array.of(1, 2, 255),
        at: new Date(0),
      };
      await publisher.publish(Reading, value);
      expect(producer.requests[0]![0]!.data).toEqual({
        meter: 'm',
        total: '9007199254740993',
        raw: 'AQL/',
        at: '1970-01-01T00:00:00.000Z',
      });
    });
  });

  describe('batches', () => {
    it('hold what was published in one turn, and then what came while one was on its way', async () => {
      await open([]);
      const gate = Promise.withResolvers<undefined>();
      producer.gate = gate.promise;
      const first = ['a', 'b', 'c'].map((id) => publish(id));
      await arrived(1);
      const more = ['d', 'e'].map((id) => publish(id));
      gate.resolve(undefined);
      await Promise.all([...first, ...more]);
      expect(producer.ids).toEqual([
        ['a', 'b', 'c'],
        ['d', 'e'],
      ]);
      expect({ connections: producer.connections, mostAtOnce: producer.mostAtOnce }).toEqual({
        connections: 1,
        mostAtOnce: 1,
      });
    });

    it.each([
      ['events', { maxBatchEvents: 2 }],
      ['bytes', { maxBatchBytes: 350 }],
    ])('are bounded in %s', async (_what, limits) => {
      await open([], limits);
      await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => publish(id)));
      expect(producer.ids).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    });

    it('are halved when the producer takes only smaller ones, and lose nothing', async () => {
      const tooLarge = {
        status: 413,
        problem: { status: 413, type: 'urn:millrace:problem:batch-too-large' },
      };
      await open([tooLarge, tooLarge]);
      await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => publish(id)));
      expect(producer.ids.map((ids) => ids.length)).toEqual([5, 3, 2, 2, 1]);
      expect(producer.log).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('of different keys are on their way at the same time, those of one key never', async () => {
      await open([], { connections: 4 });
      const gate = Promise.withResolvers<undefined>();
      producer.gate = gate.promise;
      const one = publish('a', {}, 'same');
      await arrived(1);
      const other = [
        publish('b', {}, 'same'),
        ...Array.from({ length: 20 }, (_, n) => publish(`o${n}`, {}, `k${n}`)),
      ];
      await arrived(4);
      expect(producer.ids.flat()).not.toContain('b');
      gate.resolve(undefined);
      await Promise.all([one, ...other]);
      expect(producer.log.indexOf('a')).toBeLessThan(producer.log.indexOf('b'));
      expect(producer.mostAtOnce).toBe(4);
    });
  });

  describe('a refused event', () => {
    it('is told so at once, and does not fail its neighbours', async () => {
      await open([{ status: 422, events: [written, { ...invalid, detail: 'no such field' }, written] }]);
      const [a, b, c] = ['a', 'b', 'c'].map((id) => publish(id));
      expect(await failureOf(b!)).toMatchObject({
        code: 'PUBLISH_REFUSED',
        retriable: false,
        outcome: 'refused',
        problem: { status: 422, detail: 'no such field' },
      });
      expect([(await a!).id, (await c!).id]).toEqual(['a', 'c']);
      expect(producer.requests).toHaveLength(1);
    });

    it.each([
      ['a request that is refused', { status: 401, text: 'Unauthorized' }, 'refused'],
      ['an address that is elsewhere now', { status: 302, headers: { location: '/x' }, text: '' }, 'refused'],
      [
        'a topic that is not there',
        {
          events: [
            {
              status: 503,
              type: 'urn:millrace:problem:topic-not-found',
              retriable: false,
              outcome: 'not-written',
            },
          ],
        },
        'not-written',
      ],
    ])('is %s', async (_what, reply, outcome) => {
      await open([reply]);
      expect(await failureOf(publish('a'))).toMatchObject({ code: 'PUBLISH_REFUSED', outcome });
      expect(producer.requests).toHaveLength(1);
    });

    it('is one whose value has no JSON form, and never leaves the process', async () => {
      await open([]);
      const call = publisher.publish(Reading, { meter: 'm', at: new Date(Number.NaN) });
      expect(await failureOf(call)).toMatchObject({
        code: 'PUBLISH_REFUSED',
        outcome: 'refused',
        retriable: false,
      });
      expect(producer.requests).toEqual([]);
    });

    it('is unknown when an earlier try may have reached the log', async () => {
      await open(['cut', { status: 422, events: [invalid] }]);
      expect(await failureOf(publish('a'))).toMatchObject({ code: 'PUBLISH_REFUSED', outcome: 'unknown' });
    });
  });

  describe('another try', () => {
    it.each<[string, Reply]>([
      ['was cut', 'cut'],
      ['was answered 429', { status: 429, problem: { status: 429, retriable: true } }],
      ['was answered by a gateway', { status: 502, text: '<html>' }],
      ['was answered by somebody else', { status: 200, text: '{"hello":"world"}' }],
      ['says unknown', { events: [unknown] }],
      ['says not-written', { events: [notWritten] }],
      ['ended in a defect', { events: [{ status: 500, type: 'urn:millrace:problem:internal-error' }] }],
    ])('follows one that %s, with the same id and time', async (_what, reply) => {
      await open([reply, reply]);
      expect((await publish('a')).id).toBe('a');
      const [first, ...others] = producer.requests;
      expect(others).toEqual([first, first]);
    });

    it('comes to another producer when there are several', async () => {
      await open([]);
      const away = await ScriptedProducer.start();
      away.stop();
      await publisher.close();
      publisher = httpPublisher({
        url: [away.url, producer.url],
        source: '/specs',
        backoff: quick,
        connections: 1,
      });
      expect((await publish('a')).id).toBe('a');
    });

    it('goes before all that was published meanwhile, and keeps the order of its batch', async () => {
      await open(['cut', { status: 503, events: [notWritten, notWritten, notWritten] }], {
        maxBatchEvents: 3,
      });
      await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => publish(id)));
      expect(producer.ids).toEqual([
        ['a', 'b', 'c'],
        ['a', 'b', 'c'],
        ['a', 'b', 'c'],
        ['d', 'e'],
      ]);
      expect(producer.log).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('sends only what failed, of other keys than what was written', async () => {
      await open([{ status: 503, events: [written, forNow, written] }]);
      await Promise.all(['a', 'b', 'c'].map((id) => publish(id, {}, id)));
      expect(producer.ids).toEqual([['a', 'b', 'c'], ['b']]);
    });

    it('never puts an event behind a later one of its key: the caller is told', async () => {
      await open([{ status: 503, events: [notWritten, written, notWritten] }]);
      const [a, b, c] = ['a', 'b', 'c'].map((id) => publish(id));
      expect(await failureOf(a!)).toMatchObject({
        code: 'PUBLISH_OVERTAKEN',
        retriable: true,
        outcome: 'not-written',
      });
      await Promise.all([b, c]);
      expect(producer.log).toEqual(['b', 'c']);
    });

    it('follows an unknown outcome although a later event was written: it can only be a repeat', async () => {
      await open([{ status: 503, events: [unknown, written] }]);
      await Promise.all(['a', 'b'].map((id) => publish(id)));
      expect(producer.ids).toEqual([['a', 'b'], ['a']]);
    });

    it('waits as long as the producer asks for', async () => {
      await open([{ status: 503, headers: { 'retry-after': '1' }, events: [notWritten] }]);
      const startedAt = performance.now();
      await publish('a');
      expect(performance.now() - startedAt).toBeGreaterThanOrEqual(995);
    });
  });

  describe('an event that comes to no end', () => {
    it('was not written when nobody ever listened', async () => {
      await open([]);
      producer.stop();
      expect(await failureOf(publish('a', { deadlineMs: 60 }))).toMatchObject({
        code: 'PUBLISH_DEADLINE',
        retriable: true,
        outcome: 'not-written',
        message: expect.stringContaining('ECONNREFUSED') as string,
      });
    });

    it('was not written when it still waited at its deadline, and is never sent afterwards', async () => {
      await open([]);
      const gate = Promise.withResolvers<undefined>();
      producer.gate = gate.promise;
      const ahead = publish('a');
      await arrived(1);
      expect(await failureOf(publish('b', { deadlineMs: 20 }))).toMatchObject({ outcome: 'not-written' });
      gate.resolve(undefined);
      await ahead;
      await publish('c');
      expect(producer.ids).toEqual([['a'], ['c']]);
    });

    it('is unknown when no answer came in time', async () => {
      await open(['silent']);
      expect(await failureOf(publish('a', { deadlineMs: 60 }))).toMatchObject({
        code: 'PUBLISH_DEADLINE',
        outcome: 'unknown',
      });
    });

    it('is tried again when a response never comes', async () => {
      await open(['silent', 'silent'], { requestTimeoutMs: 40 });
      await publish('a');
      expect(producer.ids).toEqual([['a'], ['a'], ['a']]);
    });

    it('stays unknown, whatever later tries say', async () => {
      const never = { status: 503, headers: { 'retry-after': '30' }, events: [notWritten] };
      await open(['cut', never]);
      expect(await failureOf(publish('a', { deadlineMs: 200 }))).toMatchObject({ outcome: 'unknown' });
    });

    it('does not wait for a Retry-After beyond its deadline', async () => {
      await open([
        { status: 429, headers: { 'retry-after': '30' }, problem: { status: 429, retriable: true } },
      ]);
      expect(await failureOf(publish('a', { deadlineMs: 100 }))).toMatchObject({ outcome: 'not-written' });
    });
  });

  describe('an AbortSignal', () => {
    it('that has aborted already sends nothing', async () => {
      await open([]);
      const reason = new Error('enough');
      expect(await failureOf(publish('a', { signal: AbortSignal.abort(reason) }))).toMatchObject({
        code: 'PUBLISH_ABORTED',
        outcome: 'not-written',
        cause: reason,
      });
      expect(producer.requests).toEqual([]);
    });

    it('is listened to once, however many events it may give up', async () => {
      await open([]);
      const { signal } = new AbortController();
      await Promise.all(Array.from({ length: 50 }, (_, n) => publish(`e${n}`, { signal })));
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    });

    it('that aborts while the connection is made keeps the event from being sent', async () => {
      await open([]);
      const aborting = new AbortController();
      const failure = failureOf(publish('a', { signal: aborting.signal }));
      // The lane has begun in this turn of the event loop; the connection stands in the next one at the earliest.
      await new Promise((resolve) => setImmediate(resolve));
      aborting.abort();
      expect(await failure).toMatchObject({ code: 'PUBLISH_ABORTED', outcome: 'not-written' });
      await publish('b');
      expect(producer.ids).toEqual([['b']]);
    });

    it('gives up what waits as not written, and what is on its way as unknown', async () => {
      await open(['silent']);
      const aborting = new AbortController();
      const calls = [publish('a', { signal: aborting.signal })];
      await arrived(1);
      calls.push(publish('b', { signal: aborting.signal }));
      aborting.abort();
      const outcomes = (await Promise.all(calls.map(failureOf))).map(
        ({ code, outcome }) => `${code} ${outcome}`,
      );
      expect(outcomes).toEqual(['PUBLISH_ABORTED unknown', 'PUBLISH_ABORTED not-written']);
    });
  });

  describe('room', () => {
    it.each([
      ['events', { maxPendingEvents: 4 }],
      ['bytes', { maxPendingBytes: 600 }],
    ])('is bounded in %s: what is too much is refused at once', async (_what, limits) => {
      await open([], limits);
      const gate = Promise.withResolvers<undefined>();
      producer.gate = gate.promise;
      expect(publisher.room()).toBeUndefined();
      const calls = ['a', 'b', 'c', 'd'].map((id) => publish(id));
      const room = publisher.room();
      expect(await failureOf(publish('e'))).toMatchObject({
        code: 'PUBLISHER_FULL',
        retriable: true,
        outcome: 'not-written',
      });
      gate.resolve(undefined);
      await room;
      await Promise.all([...calls, publish('f')]);
      expect(producer.log).toEqual(['a', 'b', 'c', 'd', 'f']);
    });
  });

  describe('a stop', () => {
    it('flushes: everything published before has its outcome, whatever it is', async () => {
      await open([{ status: 422, events: [invalid, written] }]);
      const settled: string[] = [];
      void publish('a').catch(() => settled.push('a'));
      void publish('b').then(() => settled.push('b'));
      await publisher.flush();
      expect(settled.sort()).toEqual(['a', 'b']);
    });

    it('takes no more, answers everything that was taken, and ends its connections', async () => {
      await open(['cut']);
      const taken = publish('a');
      const closed = publisher.close();
      expect(await failureOf(publish('b'))).toMatchObject({
        code: 'PUBLISHER_CLOSED',
        outcome: 'not-written',
      });
      await Promise.all([closed, publisher.close()]);
      expect((await taken).id).toBe('a');
    });

    it('that is in a hurry answers whoever still waits', async () => {
      await open(['silent']);
      const waiting = [publish('a')];
      await arrived(1);
      waiting.push(publish('b'));
      const failures = Promise.all(waiting.map(failureOf));
      await publisher.close({ withinMs: 20 });
      expect((await failures).map(({ outcome }) => outcome)).toEqual(['unknown', 'not-written']);
    });

    it('comes at the end of a block with `await using`', async () => {
      await open([]);
      let call: Promise<unknown>;
      {
        await using inBlock = httpPublisher({ url: producer.url, source: '/specs' });
        call = inBlock.publish(Reading, { meter: 'm' }, { id: 'a' });
      }
      expect(producer.log).toEqual(['a']);
      await call;
    });
  });
});
