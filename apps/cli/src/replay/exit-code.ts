import type { PartitionProgress, Run } from './answers';

/**
 * What `millrace replay` and `millrace projections` exit with. Part of the interface: scripts branch on it. A verification
 * that finds a difference exits as `diff` does.
 */
export const exitCodes = {
  done: 0,
  error: 1,
  refused: 2,
  differs: 3,
  halted: 4,
  cancelled: 5,
  review: 6,
  /** 128 and SIGINT, as shells count. */
  detached: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodeHelp = `
Exit codes:
  0    done, or accepted when it is not watched
  1    an error; or a verification that has found rows which are not what
       the log says
  2    refused before anything was changed: by a check, by a replay of this
       projection under way, or by a build that is still kept for rollback
  3    refused by the proof: the same logic, and other rows
  4    stands still: a partition is halted
  5    cancelled
  6    waits for you to swap it: the logic is another one, or it is held
  130  no longer watched (Ctrl-C); the replay goes on`;

/** What watching a run ends with, or undefined while it goes on by itself. */
export function exitCodeOf(run: Run): ExitCode | undefined {
  switch (run.state) {
    case 'done':
      return run.kind === 'verify' && run.proof?.equal !== true ? exitCodes.error : exitCodes.done;
    case 'refused':
      return exitCodes.differs;
    case 'cancelled':
      return exitCodes.cancelled;
    case 'review':
      return exitCodes.review;
    case 'building':
    case 'proving':
    case 'swapping':
      return haltedPartitions(run).length > 0 ? exitCodes.halted : undefined;
  }
}

/** Partitions that nobody will try again by himself. */
export function haltedPartitions(run: Run): PartitionProgress[] {
  return run.progress.partitions.filter(({ state }) => state === 'halted');
}
