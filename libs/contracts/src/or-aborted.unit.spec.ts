import { getEventListeners } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { orAborted } from './or-aborted';

describe('waiting for work or for a signal', () => {
  it('has the outcome of the work, and leaves nothing at the signal', async () => {
    const { signal } = new AbortController();
    await expect(orAborted(Promise.resolve('done'), signal)).resolves.toBe('done');
    await expect(orAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('ends with the reason of the signal when that comes first', async () => {
    const abort = new AbortController();
    const waiting = orAborted(new Promise(() => undefined), abort.signal);
    abort.abort(new Error('taken away'));
    await expect(waiting).rejects.toThrow('taken away');
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });

  it('ends at once when the signal is aborted already, unless the work has settled', async () => {
    const signal = AbortSignal.abort(new Error('taken away'));
    await expect(orAborted(new Promise(() => undefined), signal)).rejects.toThrow('taken away');
    await expect(orAborted(Promise.resolve('done'), signal)).resolves.toBe('done');
  });

  it('leaves no rejection unhandled when work fails for which nobody waits any more', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const work = Promise.withResolvers<never>();
      const waiting = orAborted(work.promise, AbortSignal.abort(new Error('taken away')));
      await expect(waiting).rejects.toThrow('taken away');
      work.reject(new Error('too late'));
      await turn();
      expect(unhandled).toEqual([]);
    } finally {
      process.off('unhandledRejection', note);
    }
  });
});
