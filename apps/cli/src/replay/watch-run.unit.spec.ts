import { sampleRun } from '../test/sample-run';
import type { Run } from './answers';
import { ReplayProblemError, ReplayServiceUnreachableError } from './replay-errors';
import { watchRun } from './watch-run';

const gone = new ReplayServiceUnreachableError('http://replay.test', 'refused', {
  cause: undefined,
  mayHaveArrived: false,
});

/** Watches what is answered in turn, one answer for each half second of a clock that only sleeping moves. */
function watch(answers: readonly (Run | Error)[], signal = new AbortController().signal) {
  const remaining = [...answers];
  const shown: string[] = [];
  const said: string[] = [];
  let nowMs = 0;
  const ended = watchRun({
    run: sampleRun(),
    read: async () => {
      const answer = remaining.shift();
      if (answer === undefined) throw new Error('nothing more was to be read');
      if (answer instanceof Error) throw answer;
      return answer;
    },
    report: { show: ({ state }) => shown.push(state), say: (line) => said.push(line) },
    signal,
    clock: {
      now: () => nowMs,
      sleep: async (ms, ending) => {
        ending.throwIfAborted();
        nowMs += ms;
      },
    },
  });
  return { ended, shown, said, elapsedMs: () => nowMs };
}

describe('the watch of a replay', () => {
  it('shows it each time that it was read, and ends with it', async () => {
    const done = sampleRun({ state: 'done' });
    const { ended, shown, said } = watch([sampleRun(), sampleRun({ state: 'proving' }), done]);
    expect(await ended).toBe(done);
    expect(shown).toEqual(['building', 'building', 'proving', 'done']);
    expect(said).toEqual([]);
  });

  it('waits for a service that went away, says so once, and says when it answers again', async () => {
    const { ended, shown, said } = watch([gone, gone, gone, sampleRun({ state: 'done' })]);
    await ended;
    expect(shown).toEqual(['building', 'done']);
    expect(said).toHaveLength(2);
    expect(said[0]).toMatch(/does not answer at http:\/\/replay\.test.* Waiting for it for up to 60 s\.$/);
    expect(said[1]).toMatch(/answers again/);
  });

  it('gives up on a service that is away for a minute, and begins to count anew when it came back', async () => {
    const almost = Array<Error>(120).fill(gone);
    const returning = watch([...almost, sampleRun(), ...almost, sampleRun({ state: 'done' })]);
    expect(await returning.ended).toMatchObject({ state: 'done' });
    const leaving = watch([...almost, gone]);
    await expect(leaving.ended).rejects.toBe(gone);
    expect(leaving.elapsedMs()).toBe(60_500);
  });

  it('ends at once with an error that would come again', async () => {
    const lost = new ReplayProblemError({ type: 'urn:millrace:problem:replay-not-found', status: 404 });
    const { ended, said } = watch([lost]);
    await expect(ended).rejects.toBe(lost);
    expect(said).toEqual([]);
  });

  it('ends without a run when it is told to, also while the service is away', async () => {
    const told = new AbortController();
    told.abort();
    const { ended, shown } = watch([], told.signal);
    expect(await ended).toBeUndefined();
    expect(shown).toEqual(['building']);
  });
});
