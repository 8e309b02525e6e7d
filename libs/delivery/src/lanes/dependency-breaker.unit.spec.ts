import { jest } from '@jest/globals';
import * as fc from 'fast-check';
import { DependencyUnavailableError } from '../errors';
import { FIVE, passes, TrialDependency, useTrialClock } from '../test/trial-dependency';
import { DependencyBreaker } from './dependency-breaker';

const { signal } = new AbortController();

describe('the breaker of a dependency', () => {
  useTrialClock();

  describe('while it is closed', () => {
    it('passes on what a call gives and what it throws', async () => {
      const { breaker } = new TrialDependency();
      const refused = new Error('refused');
      await expect(breaker.call('a', async () => 42, signal)).resolves.toBe(42);
      await expect(breaker.call('a', () => Promise.reject(refused), signal)).rejects.toBe(refused);
      await expect(breaker.whenWorthTrying('a', signal)).resolves.toBeUndefined();
    });

    it('opens by failures of five distinct records', async () => {
      const trial = new TrialDependency();
      await passes(500);
      await trial.fail('a', 'b', 'c', 'd');
      expect(trial.breaker.state).toBe('closed');
      await trial.fail('e');
      expect(trial.breaker).toMatchObject({ state: 'open', since: 1_000_500, lastError: 'no answer' });
      expect(trial.changes).toEqual([
        { dependency: 'ledger', from: 'closed', to: 'open', at: 1_000_500, lastError: 'no answer' },
      ]);
    });

    it('is not opened by one record that fails a hundred times', async () => {
      const trial = new TrialDependency();
      for (let time = 0; time < 100; time++) await trial.fail('poisoned');
      expect(trial.breaker.state).toBe('closed');
      expect(trial.called).toHaveLength(100);
    });

    it('counts anew after a success, of whichever record', async () => {
      const trial = new TrialDependency();
      await trial.fail('a', 'b', 'c', 'd');
      await trial.call('d');
      await trial.fail('e', 'f', 'g', 'h');
      expect(trial.breaker.state).toBe('closed');
    });

    it('takes an error by which the dependency answered for a success', async () => {
      const trial = new TrialDependency({
        countsAsFailure: (error) => (error as Error).message !== 'no such account',
      });
      const answers = () => Promise.reject(new Error('no such account'));
      await trial.fail('a', 'b', 'c', 'd');
      await expect(trial.breaker.call('e', answers, signal)).rejects.toThrow('no such account');
      await trial.fail('f', 'g', 'h', 'i');
      for (const identity of FIVE) {
        await expect(trial.breaker.call(identity, answers, signal)).rejects.toThrow('no such account');
      }
      expect(trial.breaker.state).toBe('closed');
    });

    it('does not count calls that were given up: a rebalance must not open it', async () => {
      const trial = new TrialDependency();
      const taken = new AbortController();
      const calls = FIVE.map((identity) =>
        trial.breaker.call(
          identity,
          () =>
            new Promise((_, reject) => {
              taken.signal.addEventListener('abort', () => reject(new Error('aborted')));
            }),
          taken.signal,
        ),
      );
      taken.abort();
      for (const call of calls) await expect(call).rejects.toThrow('aborted');
      expect(trial.breaker.state).toBe('closed');
    });

    it('does not call for somebody who has given up already', async () => {
      const trial = new TrialDependency();
      expect(await trial.call('a', AbortSignal.abort(new Error('taken away')))).toBe('taken away');
      expect(trial.called).toEqual([]);
    });

    it('opens exactly when the failures since the last success are of as many records as its threshold', async () => {
      const call = fc.record({ identity: fc.constantFrom('a', 'b', 'c', 'd'), isFailure: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(
          fc.array(call, { maxLength: 30 }),
          fc.integer({ min: 1, max: 4 }),
          async (calls, threshold) => {
            const trial = new TrialDependency({ threshold });
            let failed = new Set<string>();
            for (const { identity, isFailure } of calls) {
              trial.isDown = isFailure;
              await trial.call(identity);
              if (isFailure) failed.add(identity);
              else failed = new Set();
              expect(trial.breaker.state).toBe(failed.size < threshold ? 'closed' : 'open');
              if (trial.breaker.state === 'open') return;
            }
          },
        ),
      );
    });

    it.each([0, 1.5, Number.NaN])('cannot have a threshold of %d', (threshold) => {
      expect(() => new DependencyBreaker({ dependency: 'ledger', threshold })).toThrow(
        `threshold of ledger: expected a positive whole number, got ${threshold}`,
      );
    });
  });

  describe('while it is open', () => {
    it('calls nothing, and says so', async () => {
      const trial = await TrialDependency.opened();
      await passes(999);
      const refused = trial.breaker.call('z', async () => trial.called.push('z'), signal);
      await expect(refused).rejects.toThrow(DependencyUnavailableError);
      await expect(refused).rejects.toMatchObject({
        code: 'DEPENDENCY_UNAVAILABLE',
        retriable: true,
        message: expect.stringMatching(
          /^ledger has been unavailable since 1970-01-01T00:16:40.000Z/,
        ) as string,
        cause: { message: 'no answer' },
      });
      expect(trial.called).toEqual([]);
    });

    it('closes by a probe that succeeds, and lets everybody go on', async () => {
      const trial = await TrialDependency.opened();
      const all = FIVE.map((identity) => trial.insist(identity));
      trial.isDown = false;
      await passes(999);
      expect(trial.done).toEqual([]);
      await passes(1);
      await Promise.all(all);
      expect(trial.called).toEqual(FIVE);
      expect(trial.changes.map(({ from, to, at }) => [from, to, at])).toEqual([
        ['closed', 'open', 1_000_000],
        ['open', 'half-open', 1_001_000],
        ['half-open', 'closed', 1_001_000],
      ]);
      expect(trial.breaker.since).toBe(1_001_000);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('opens again by a probe that fails, and waits twice as long each time, up to 30 s', async () => {
      const trial = await TrialDependency.opened();
      void trial.insist('a');
      let probes = 0;
      for (const waitMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
        await passes(waitMs - 1);
        expect(trial.called).toHaveLength(probes);
        await passes(1);
        expect(trial.called).toHaveLength((probes += 1));
        expect(trial.breaker).toMatchObject({ state: 'open', since: 1_000_000 });
      }
    });

    it('begins with the short wait again once it was closed', async () => {
      const trial = await TrialDependency.opened();
      void trial.insist('a');
      await passes(1_000);
      trial.isDown = false;
      await passes(2_000);
      expect(trial.breaker.state).toBe('closed');
      await trial.fail(...FIVE);
      trial.called.splice(0);
      void trial.insist('a');
      await passes(1_000);
      expect(trial.called).toEqual(['a']);
    });

    it('waits by a timer: a clock that is set back does not keep it open', async () => {
      const trial = await TrialDependency.opened();
      trial.isDown = false;
      void trial.insist('a');
      jest.setSystemTime(0);
      await passes(1_000);
      expect(trial.done).toEqual(['a']);
    });
  });

  it('ignores what failed late of all that was called before it opened', async () => {
    const trial = new TrialDependency();
    const late = Promise.withResolvers<never>();
    const calls = ['f', 'g', 'h', 'i', 'j'].map((identity) =>
      trial.breaker.call(identity, () => late.promise, signal),
    );
    await trial.fail(...FIVE);
    await passes(1_000);
    await trial.call('a');
    expect(trial.breaker.state).toBe('closed');
    late.reject(new Error('timed out'));
    for (const call of calls) await expect(call).rejects.toThrow('timed out');
    expect(trial.breaker).toMatchObject({ state: 'closed', lastError: 'no answer' });
  });

  it('ignores what failed late while a record probes, too', async () => {
    const trial = new TrialDependency({ threshold: 1 });
    const late = Promise.withResolvers<never>();
    const call = trial.breaker.call('f', () => late.promise, signal);
    await trial.fail('a');
    await passes(1_000);
    const answer = Promise.withResolvers<string>();
    const probe = trial.breaker.call('p', () => answer.promise, signal);
    late.reject(new Error('timed out'));
    await expect(call).rejects.toThrow('timed out');
    expect(trial.breaker.state).toBe('half-open');
    answer.resolve('done');
    await probe;
    expect(trial.breaker.state).toBe('closed');
  });

  it('draws its waits, so that the processes of a group do not probe all at once', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const trial = await TrialDependency.opened();
    void trial.insist('a');
    await passes(499);
    expect(trial.called).toEqual([]);
    await passes(1);
    expect(trial.called).toEqual(['a']);
  });
});
