import { Presets, SingleBar } from 'cli-progress';
import type { Run } from './answers';
import { activity, permille, progressText, standstill } from './wording';
import type { WatchReport } from './watch-run';

type Write = (line: string) => void;

export interface ClosableReport extends WatchReport {
  /** Leaves the terminal as it was found. Idempotent. */
  close(): void;
}

/** One JSON object for each change, and nothing else on standard output; what a person should know goes to `say`. */
export function jsonReport(print: Write, say: Write): ClosableReport {
  let last = '';
  return {
    show(run) {
      const line = JSON.stringify(run);
      if (line !== last) print(line);
      last = line;
    },
    say,
    close() {},
  };
}

/** A line when the run comes to another state, at each tenth of the events, and for what newly stands still. */
export function lineReport(print: Write): ClosableReport {
  const news = standstillNews();
  let last = '';
  return {
    show(run) {
      const tenth = Math.floor(permille(run) / 100);
      const reached = `${activity(run)} ${tenth}`;
      if (reached !== last) print(`${activity(run)}: ${tenth * 10}% (${progressText(run)})`);
      last = reached;
      news(run).forEach(print);
    },
    say: print,
    close() {},
  };
}

/** A bar that is drawn over itself, with lines above it for what newly stands still. */
export function barReport(stream: NodeJS.WritableStream): ClosableReport {
  const bar = new SingleBar(
    { format: '{bar} {percentage}% {text}', barsize: 30, stream, hideCursor: true },
    Presets.shades_classic,
  );
  const news = standstillNews();
  let shown: { readonly value: number; readonly text: string } | undefined;
  const above = (line: string): void => {
    bar.stop();
    stream.write(`${line}\n`);
    if (shown !== undefined) bar.start(1_000, shown.value, shown);
  };
  return {
    show(run) {
      const next = { value: permille(run), text: `${activity(run)} | ${progressText(run)}` };
      if (shown === undefined) bar.start(1_000, next.value, next);
      else bar.update(next.value, next);
      shown = next;
      news(run).forEach(above);
    },
    say: above,
    close() {
      bar.stop();
      shown = undefined;
    },
  };
}

/** What stands still in a run and did not when it was last asked. */
function standstillNews(): (run: Run) => string[] {
  let known = new Set<string>();
  return ({ state: runState, progress, reason }) => {
    const held = progress.partitions.filter(({ state }) => state === 'held').map(standstill);
    // The run's own reason repeats a partition's where one is held, and what ends a watch is told when it has ended.
    const isUnderWay = runState === 'building' || runState === 'proving' || runState === 'swapping';
    const present = held.length === 0 && reason && isUnderWay ? [reason] : held;
    const fresh = present.filter((line) => !known.has(line));
    known = new Set(present);
    return fresh;
  };
}
