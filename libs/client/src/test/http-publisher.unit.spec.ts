import { invalid, written } from './scripted-producer';
import { Reading } from './trial-events';
import { failureOf, useTrialPublisher } from './trial-publisher';

describe('httpPublisher', () => {
  const trial = useTrialPublisher();
  const { open, publish, arrived } = trial;

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
      expect(trial.producer.requests).toEqual([
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
      const { id } = await trial.publisher.publish(Reading, { meter: 'm' });
      const [event] = trial.producer.requests[0]!;
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
      await trial.publisher.publish(Reading, value);
      expect(trial.producer.requests[0]![0]!.data).toEqual({
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
      trial.producer.gate = gate.promise;
      const first = ['a', 'b', 'c'].map((id) => publish(id));
      await arrived(1);
      const more = ['d', 'e'].map((id) => publish(id));
      gate.resolve(undefined);
      await Promise.all([...first, ...more]);
      expect(trial.producer.ids).toEqual([
        ['a', 'b', 'c'],
        ['d', 'e'],
      ]);
      expect({ connections: trial.producer.connections, mostAtOnce: trial.producer.mostAtOnce }).toEqual({
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
      expect(trial.producer.ids).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    });

    it('are halved when the producer takes only smaller ones, and lose nothing', async () => {
      const tooLarge = {
        status: 413,
        problem: { status: 413, type: 'urn:millrace:problem:batch-too-large' },
      };
      await open([tooLarge, tooLarge]);
      await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => publish(id)));
      expect(trial.producer.ids.map((ids) => ids.length)).toEqual([5, 3, 2, 2, 1]);
      expect(trial.producer.log).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('of different keys are on their way at the same time, those of one key never', async () => {
      await open([], { connections: 4 });
      const gate = Promise.withResolvers<undefined>();
      trial.producer.gate = gate.promise;
      const one = publish('a', {}, 'same');
      await arrived(1);
      const other = [
        publish('b', {}, 'same'),
        ...Array.from({ length: 20 }, (_, n) => publish(`o${n}`, {}, `k${n}`)),
      ];
      await arrived(4);
      expect(trial.producer.ids.flat()).not.toContain('b');
      gate.resolve(undefined);
      await Promise.all([one, ...other]);
      expect(trial.producer.log.indexOf('a')).toBeLessThan(trial.producer.log.indexOf('b'));
      expect(trial.producer.mostAtOnce).toBe(4);
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
      expect(trial.producer.requests).toHaveLength(1);
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
      expect(trial.producer.requests).toHaveLength(1);
    });

    it('is one whose value has no JSON form, and never leaves the process', async () => {
      await open([]);
      const call = trial.publisher.publish(Reading, { meter: 'm', at: new Date(Number.NaN) });
      expect(await failureOf(call)).toMatchObject({
        code: 'PUBLISH_REFUSED',
        outcome: 'refused',
        retriable: false,
      });
      expect(trial.producer.requests).toEqual([]);
    });

    it('is unknown when an earlier try may have reached the log', async () => {
      await open(['cut', { status: 422, events: [invalid] }]);
      expect(await failureOf(publish('a'))).toMatchObject({ code: 'PUBLISH_REFUSED', outcome: 'unknown' });
    });
  });
});
