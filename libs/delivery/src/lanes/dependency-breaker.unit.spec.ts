import { jest } from '@jest/globals';
import * as fc from 'fast-check';
import { DependencyUnavailableError } from '../errors';
import { TrialDependency } from '../test/trial-dependency';
import { DependencyBreaker } from './dependency-breaker';

const FIVE = ['a', 'b', 'c', 'd', 'e'] as const;
const { signal } = new AbortController();

describe('the breaker of a dependency', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
    // Waits as long as their bounds.
    jest.spyOn(Math, 'random').mockReturnValue(1);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  const passes = (ms: number) => jest.advanceTimersByTimeAsync(ms);
  const settled = () => passes(0);

  /** Opened by five records that failed; the dependency is still down. */
  const opened = async () => {
    const trial = new TrialDependency();
    await trial.fail(...FIVE);
    trial.isDown = true;
    trial.called.splice(0);
    return trial;
  };

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
      const trial = await opened();
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
      const trial = await opened();
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
      const trial = await opened();
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
      const trial = await opened();
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
      const trial = await opened();
      trial.isDown = false;
      void trial.insist('a');
      jest.setSystemTime(0);
      await passes(1_000);
      expect(trial.done).toEqual(['a']);
    });

    it('takes any record for a probe, also one that has not waited', async () => {
      const trial = await opened();
      trial.isDown = false;
      await passes(1_000);
      expect(await trial.call('new')).toBe('done');
      expect(trial.breaker.state).toBe('closed');
    });

    it('probes with one record at a time, each time with another', async () => {
      const trial = await opened();
      for (const identity of ['a', 'b', 'c']) void trial.insist(identity);
      for (const waitMs of [1_000, 2_000, 4_000, 8_000]) await passes(waitMs);
      expect(trial.called).toEqual(['a', 'b', 'c', 'a']);
    });

    it('is closed by another record when the one that probed is poisoned', async () => {
      const trial = await opened();
      trial.poisoned.add('a');
      trial.isDown = false;
      for (const identity of FIVE) void trial.insist(identity);
      await passes(1_000);
      expect(trial.called).toEqual(['a']);
      expect(trial.breaker.state).toBe('open');
      await passes(2_000);
      expect(trial.breaker.state).toBe('closed');
      expect(trial.done).toEqual(['b', 'c', 'd', 'e']);
    });

    it('makes a poisoned record that does not wait its turn come after those that do', async () => {
      const trial = await opened();
      trial.poisoned.add('a');
      await passes(1_000);
      await trial.call('a');
      void trial.insist('b');
      await settled();
      jest.advanceTimersByTime(2_000);
      // The turn is b's, who has not got to its call yet.
      expect(await trial.call('a')).toBe('not called');
      await settled();
      expect(trial.called).toEqual(['a', 'b']);
    });

    it('lets a record that came later probe before the one that has probed', async () => {
      const trial = await opened();
      void trial.insist('a');
      await passes(1_000);
      void trial.insist('b');
      await passes(2_000);
      expect(trial.called).toEqual(['a', 'b']);
    });

    it('probes with the same record again when no other waits, whether it waits or calls', async () => {
      const trial = await opened();
      void trial.insist('a');
      await passes(1_000 + 2_000);
      expect(trial.called).toEqual(['a', 'a']);
      const other = await opened();
      await passes(1_000);
      await other.call('a');
      await passes(2_000);
      await other.call('a');
      expect(other.called).toEqual(['a', 'a']);
    });

    it('gives a turn at once to whoever comes when a probe is due', async () => {
      const trial = await opened();
      await passes(1_000);
      await expect(trial.breaker.whenWorthTrying('a', signal)).resolves.toBeUndefined();
    });

    it('gives the turn to the next one when whoever has it does not call', async () => {
      const trial = await opened();
      const idler = trial.breaker.whenWorthTrying('idler', signal);
      void trial.insist('b');
      await passes(1_000);
      await idler;
      expect(trial.called).toEqual([]);
      await passes(100);
      expect(trial.called).toEqual(['b']);
    });

    it('lets go whoever is aborted while it waits, and passes over its turn', async () => {
      const trial = await opened();
      const taken = new AbortController();
      const waiting = trial.insist('a', taken.signal);
      void trial.insist('b');
      await settled();
      taken.abort(new Error('taken away'));
      await expect(waiting).rejects.toThrow('taken away');
      await passes(1_000);
      expect(trial.called).toEqual(['b']);
      await expect(trial.breaker.whenWorthTrying('a', taken.signal)).rejects.toThrow('taken away');
    });

    it('gives no turn to somebody who has given up already', async () => {
      const trial = await opened();
      await passes(1_000);
      await trial.call('a');
      await passes(2_000);
      const waiting = trial.breaker.whenWorthTrying('z', AbortSignal.abort(new Error('taken away')));
      await expect(waiting).rejects.toThrow('taken away');
      expect(await trial.call('a')).toBe('no answer');
    });

    it('loses nobody when a record is aborted in the moment of its turn', async () => {
      const trial = await opened();
      const taken = new AbortController();
      const waiting = trial.insist('a', taken.signal);
      void trial.insist('b');
      await settled();
      taken.abort(new Error('taken away'));
      jest.advanceTimersByTime(1_000);
      await expect(waiting).rejects.toThrow('taken away');
      await passes(100);
      expect(trial.called).toEqual(['b']);
    });

    it('finds out that the dependency is back as long as one record of those that wait is sound', async () => {
      const poisons = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(poisons, fc.nat(3), fc.nat(7), async (arePoisoned, probesDown, soundAt) => {
          const trial = await opened();
          const identities = arePoisoned.map((_, index) => `record ${index}`);
          identities.forEach((identity, index) => {
            if (arePoisoned[index] && index !== soundAt % identities.length) trial.poisoned.add(identity);
          });
          const over = new AbortController();
          const insisting = Promise.allSettled(
            identities.map((identity) => trial.insist(identity, over.signal)),
          );
          while (trial.called.length < probesDown) await passes(1_000);
          trial.isDown = false;
          const most = trial.called.length + identities.length;
          const wasClosed = () => trial.changes.some(({ to }) => to === 'closed');
          while (!wasClosed() && trial.called.length < most) await passes(1_000);
          expect(wasClosed()).toBe(true);
          over.abort();
          await passes(60_000);
          await insisting;
        }),
        { numRuns: 30 },
      );
    });
  });

  describe('while a record probes', () => {
    /** A probe of record `p` that ends when the test says so. */
    const probing = async () => {
      const trial = await opened();
      await passes(1_000);
      const answer = Promise.withResolvers<string>();
      const taken = new AbortController();
      const probe = trial.breaker.call('p', () => answer.promise, taken.signal).catch(() => 'failed');
      expect(trial.breaker.state).toBe('half-open');
      return { trial, answer, probe, taken };
    };

    it('lets the others wait, and then call when it succeeds', async () => {
      const { trial, answer } = await probing();
      trial.isDown = false;
      const calls = Promise.all(FIVE.map((identity) => trial.call(identity)));
      const waiting = trial.breaker.whenWorthTrying('z', signal);
      await settled();
      expect(trial.called).toEqual([]);
      answer.resolve('done');
      expect(await calls).toEqual(FIVE.map(() => 'done'));
      await waiting;
    });

    it('lets the others wait, and find it open again when it fails', async () => {
      const { trial, answer } = await probing();
      const calls = Promise.all(FIVE.map((identity) => trial.call(identity)));
      answer.reject(new Error('still down'));
      expect(await calls).toEqual(FIVE.map(() => 'not called'));
      expect(trial.called).toEqual([]);
      expect(trial.breaker.lastError).toBe('still down');
    });

    it('lets go whoever is aborted while it waits', async () => {
      const { trial, answer } = await probing();
      const taken = new AbortController();
      const call = trial.call('a', taken.signal);
      taken.abort(new Error('taken away'));
      expect(await call).toBe('taken away');
      answer.resolve('done');
    });

    it('opens again when the probe is given up, which says nothing about the dependency', async () => {
      const { trial, answer, probe, taken } = await probing();
      taken.abort();
      answer.reject(new Error('aborted'));
      await probe;
      expect(trial.breaker).toMatchObject({ state: 'open', lastError: 'no answer' });
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
    const trial = await opened();
    void trial.insist('a');
    await passes(499);
    expect(trial.called).toEqual([]);
    await passes(1);
    expect(trial.called).toEqual(['a']);
  });
});
