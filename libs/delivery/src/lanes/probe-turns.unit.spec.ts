import { jest } from '@jest/globals';
import * as fc from 'fast-check';
import { FIVE, passes, TrialDependency, useTrialClock } from '../test/trial-dependency';

const { signal } = new AbortController();

describe('the breaker of a dependency that is down', () => {
  useTrialClock();

  const settled = () => passes(0);

  it('takes any record for a probe, also one that has not waited', async () => {
    const trial = await TrialDependency.opened();
    trial.isDown = false;
    await passes(1_000);
    expect(await trial.call('new')).toBe('done');
    expect(trial.breaker.state).toBe('closed');
  });

  it('probes with one record at a time, each time with another', async () => {
    const trial = await TrialDependency.opened();
    for (const identity of ['a', 'b', 'c']) void trial.insist(identity);
    for (const waitMs of [1_000, 2_000, 4_000, 8_000]) await passes(waitMs);
    expect(trial.called).toEqual(['a', 'b', 'c', 'a']);
  });

  it('is closed by another record when the one that probed is poisoned', async () => {
    const trial = await TrialDependency.opened();
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
    const trial = await TrialDependency.opened();
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
    const trial = await TrialDependency.opened();
    void trial.insist('a');
    await passes(1_000);
    void trial.insist('b');
    await passes(2_000);
    expect(trial.called).toEqual(['a', 'b']);
  });

  it('probes with the same record again when no other waits, whether it waits or calls', async () => {
    const trial = await TrialDependency.opened();
    void trial.insist('a');
    await passes(1_000 + 2_000);
    expect(trial.called).toEqual(['a', 'a']);
    const other = await TrialDependency.opened();
    await passes(1_000);
    await other.call('a');
    await passes(2_000);
    await other.call('a');
    expect(other.called).toEqual(['a', 'a']);
  });

  it('gives a turn at once to whoever comes when a probe is due', async () => {
    const trial = await TrialDependency.opened();
    await passes(1_000);
    await expect(trial.breaker.whenWorthTrying('a', signal)).resolves.toBeUndefined();
  });

  it('gives the turn to the next one when whoever has it does not call', async () => {
    const trial = await TrialDependency.opened();
    const idler = trial.breaker.whenWorthTrying('idler', signal);
    void trial.insist('b');
    await passes(1_000);
    await idler;
    expect(trial.called).toEqual([]);
    await passes(100);
    expect(trial.called).toEqual(['b']);
  });

  it('lets go whoever is aborted while it waits, and passes over its turn', async () => {
    const trial = await TrialDependency.opened();
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
    const trial = await TrialDependency.opened();
    await passes(1_000);
    await trial.call('a');
    await passes(2_000);
    const waiting = trial.breaker.whenWorthTrying('z', AbortSignal.abort(new Error('taken away')));
    await expect(waiting).rejects.toThrow('taken away');
    expect(await trial.call('a')).toBe('no answer');
  });

  it('loses nobody when a record is aborted in the moment of its turn', async () => {
    const trial = await TrialDependency.opened();
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
        const trial = await TrialDependency.opened();
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

  describe('while a record probes', () => {
    /** A probe of record `p` that ends when the test says so. */
    const probing = async () => {
      const trial = await TrialDependency.opened();
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
});
