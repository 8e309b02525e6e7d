import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** What takes less than this shows no progress. */
const QUIET_MS = 1_500;
const REDRAW_MS = 100;
const number = new Intl.NumberFormat('en-US');

/**
 * A progress bar on a terminal; elsewhere a plain line at each tenth. Both say how fast it goes, measured from the
 * first update on, and how long it takes at that rate.
 */
export function showProgress(label: string, total: number, unit = 'events'): Progress {
  const startedAt = performance.now();
  const show = process.stdout.isTTY ? barOf(label, total, unit) : linesOf(label, total, unit);
  let first: { readonly done: number; readonly at: number } | undefined;
  let shownAt = startedAt;
  return {
    update(done) {
      const now = performance.now();
      first ??= { done, at: now };
      if (now - startedAt < QUIET_MS || (now - shownAt < REDRAW_MS && done < total)) return;
      shownAt = now;
      const perSecond = ((done - first.done) * 1_000) / Math.max(1, now - first.at);
      show.update(done, {
        rate: number.format(Math.round(perSecond)),
        left: perSecond > 0 ? duration((total - done) / perSecond) : 'unknown',
      });
    },
    stop: () => show.stop(),
  };
}

interface Pace {
  readonly rate: string;
  readonly left: string;
}

interface Display {
  update(done: number, pace: Pace): void;
  stop(): void;
}

function barOf(label: string, total: number, unit: string): Display {
  const format = `  ${label} {bar} {percentage}% | {value}/{total} ${unit} | {rate}/s | {left} left`;
  const bar = new SingleBar({ format, barsize: 30, stream: process.stdout }, Presets.shades_classic);
  return {
    update(done, pace) {
      if (!bar.isActive) bar.start(total, done, pace);
      else bar.update(done, pace);
    },
    stop: () => bar.stop(),
  };
}

function linesOf(label: string, total: number, unit: string): Display {
  let tenth = 0;
  return {
    update(done, { rate, left }) {
      const reached = Math.floor((done * 10) / total);
      if (reached === tenth) return;
      tenth = reached;
      const of = `${number.format(done)} of ${number.format(total)} ${unit}`;
      process.stdout.write(`  ${label}: ${reached * 10}% (${of}, ${rate}/s, ${left} left)\n`);
    },
    stop() {},
  };
}

/** Whole seconds, and minutes before them. */
function duration(seconds: number): string {
  const rounded = Math.ceil(seconds);
  return rounded < 60 ? `${rounded} s` : `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
}
