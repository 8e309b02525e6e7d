import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import type { Run } from './answers';
import { exitCodeOf } from './exit-code';

const POLL_MS = 500;
const AWAY_LIMIT_MS = 60_000;

export interface WatchClock {
  now(): number;
  /** Resolves after that time, or rejects as soon as the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

const systemClock: WatchClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }),
};

/** What a watch shows on its way. */
export interface WatchReport {
  /** The run as it is now, each time that it was read. */
  show(run: Run): void;
  /** Something beside the run that a person should know. */
  say(line: string): void;
}

export interface WatchOptions {
  /** The run as it was last read. */
  readonly run: Run;
  readonly read: (signal: AbortSignal) => Promise<Run>;
  readonly report: WatchReport;
  /** Ends the watch; the run goes on. */
  readonly signal: AbortSignal;
  readonly clock?: WatchClock;
}

/**
 * Shows a run until it goes on no more by itself, and returns it as it is then; undefined when the signal ended the
 * watch. A service that cannot answer is waited for up to a minute, which is said once each time.
 * @throws what the read throws when it would fail again, or for longer than that
 */
export async function watchRun(options: WatchOptions): Promise<Run | undefined> {
  const { report, signal, clock = systemClock } = options;
  let run = options.run;
  let awaySince: number | undefined;
  try {
    for (;;) {
      if (awaySince === undefined) {
        report.show(run);
        if (exitCodeOf(run) !== undefined) return run;
      }
      await clock.sleep(POLL_MS, signal);
      try {
        run = await options.read(signal);
        if (awaySince !== undefined) report.say('the replay service answers again');
        awaySince = undefined;
      } catch (error) {
        if (!(error instanceof MillraceError) || !error.retriable) throw error;
        if (awaySince === undefined) {
          awaySince = clock.now();
          report.say(`${firstLine(error)} Waiting for it for up to ${AWAY_LIMIT_MS / 1_000} s.`);
        } else if (clock.now() - awaySince >= AWAY_LIMIT_MS) {
          throw error;
        }
      }
    }
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function firstLine({ message }: Error): string {
  const [line = ''] = message.split('\n');
  return /[.?!]$/.test(line) ? line : `${line}.`;
}
