import { getEventListeners } from 'node:events';
import { httpPublisher } from '../index';
import { invalid, written } from './scripted-producer';
import { Reading } from './trial-events';
import { failureOf, useTrialPublisher } from './trial-publisher';

describe('httpPublisher, when it is told to stop or is full', () => {
  const trial = useTrialPublisher();
  const { open, publish, arrived } = trial;

  describe('an AbortSignal', () => {
    it('that has aborted already sends nothing', async () => {
      await open([]);
      const reason = new Error('enough');
      expect(await failureOf(publish('a', { signal: AbortSignal.abort(reason) }))).toMatchObject({
        code: 'PUBLISH_ABORTED',
        outcome: 'not-written',
        cause: reason,
      });
      expect(trial.producer.requests).toEqual([]);
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
      expect(trial.producer.ids).toEqual([['b']]);
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
      trial.producer.gate = gate.promise;
      expect(trial.publisher.room()).toBeUndefined();
      const calls = ['a', 'b', 'c', 'd'].map((id) => publish(id));
      const room = trial.publisher.room();
      expect(await failureOf(publish('e'))).toMatchObject({
        code: 'PUBLISHER_FULL',
        retriable: true,
        outcome: 'not-written',
      });
      gate.resolve(undefined);
      await room;
      await Promise.all([...calls, publish('f')]);
      expect(trial.producer.log).toEqual(['a', 'b', 'c', 'd', 'f']);
    });
  });

  describe('a stop', () => {
    it('flushes: everything published before has its outcome, whatever it is', async () => {
      await open([{ status: 422, events: [invalid, written] }]);
      const settled: string[] = [];
      void publish('a').catch(() => settled.push('a'));
      void publish('b').then(() => settled.push('b'));
      await trial.publisher.flush();
      expect(settled.sort()).toEqual(['a', 'b']);
    });

    it('takes no more, answers everything that was taken, and ends its connections', async () => {
      await open(['cut']);
      const taken = publish('a');
      const closed = trial.publisher.close();
      expect(await failureOf(publish('b'))).toMatchObject({
        code: 'PUBLISHER_CLOSED',
        outcome: 'not-written',
      });
      await Promise.all([closed, trial.publisher.close()]);
      expect((await taken).id).toBe('a');
    });

    it('that is in a hurry answers whoever still waits', async () => {
      await open(['silent']);
      const waiting = [publish('a')];
      await arrived(1);
      waiting.push(publish('b'));
      const failures = Promise.all(waiting.map(failureOf));
      await trial.publisher.close({ withinMs: 20 });
      expect((await failures).map(({ outcome }) => outcome)).toEqual(['unknown', 'not-written']);
    });

    it('comes at the end of a block with `await using`', async () => {
      await open([]);
      let call: Promise<unknown>;
      {
        await using inBlock = httpPublisher({ url: trial.producer.url, source: '/specs' });
        call = inBlock.publish(Reading, { meter: 'm' }, { id: 'a' });
      }
      expect(trial.producer.log).toEqual(['a']);
      await call;
    });
  });
});
