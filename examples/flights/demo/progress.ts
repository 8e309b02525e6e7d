import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  update(done: number): void;
  stop(): void;
}

const number = new Intl.NumberFormat('en-US');

/** A progress bar on a terminal; elsewhere a plain line at each tenth. */
export function showProgress(label: string, total: number): Progress {
  if (process.stdout.isTTY) {
    const format = `  ${label} {bar} {percentage}% | {value}/{total} events | {eta_formatted} left`;
    const bar = new SingleBar({ format, barsize: 30, stream: process.stdout }, Presets.shades_classic);
    bar.start(total, 0);
    return { update: (done) => bar.update(done), stop: () => bar.stop() };
  }
  let tenth = 0;
  return {
    update(done) {
      const reached = Math.floor((done * 10) / total);
      if (reached === tenth) return;
      tenth = reached;
      process.stdout.write(
        `  ${label}: ${reached * 10}% (${number.format(done)} of ${number.format(total)} events)\n`,
      );
    },
    stop() {},
  };
}
