import { forNow, notWritten, ScriptedProducer, unknown, written } from './scripted-producer';
import type { Reply } from './scripted-producer';
import { failureOf, useTrialPublisher } from './trial-publisher';

describe('httpPublisher, when a request fails', () => {
  const trial = useTrialPublisher();
  const { open, publish, arrived } = trial;

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
      const [first, ...others] = trial.producer.requests;
      expect(others).toEqual([first, first]);
    });

    it('comes to another producer when there are several', async () => {
      await open([]);
      const away = await ScriptedProducer.start();
      away.stop();
      await trial.publisher.close();
      trial.publisher = trial.publisherTo([away.url, trial.producer.url]);
      expect((await publish('a')).id).toBe('a');
    });

    it('goes before all that was published meanwhile, and keeps the order of its batch', async () => {
      await open(['cut', { status: 503, events: [notWritten, notWritten, notWritten] }], {
        maxBatchEvents: 3,
      });
      await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => publish(id)));
      expect(trial.producer.ids).toEqual([
        ['a', 'b', 'c'],
        ['a', 'b', 'c'],
        ['a', 'b', 'c'],
        ['d', 'e'],
      ]);
      expect(trial.producer.log).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('sends only what failed, of other keys than what was written', async () => {
      await open([{ status: 503, events: [written, forNow, written] }]);
      await Promise.all(['a', 'b', 'c'].map((id) => publish(id, {}, id)));
      expect(trial.producer.ids).toEqual([['a', 'b', 'c'], ['b']]);
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
      expect(trial.producer.log).toEqual(['b', 'c']);
    });

    it('follows an unknown outcome although a later event was written: it can only be a repeat', async () => {
      await open([{ status: 503, events: [unknown, written] }]);
      await Promise.all(['a', 'b'].map((id) => publish(id)));
      expect(trial.producer.ids).toEqual([['a', 'b'], ['a']]);
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
      trial.producer.stop();
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
      trial.producer.gate = gate.promise;
      const ahead = publish('a');
      await arrived(1);
      expect(await failureOf(publish('b', { deadlineMs: 20 }))).toMatchObject({ outcome: 'not-written' });
      gate.resolve(undefined);
      await ahead;
      await publish('c');
      expect(trial.producer.ids).toEqual([['a'], ['c']]);
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
      expect(trial.producer.ids).toEqual([['a'], ['a'], ['a']]);
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
});
