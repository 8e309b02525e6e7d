import type { Backoff } from '../backoff';

/** Tries of a failing record, one after another, while its partition waits. */
export interface RetryPolicy extends Backoff {
  /** How often it is tried in all before it is parked, at least 1. */
  readonly attempts: number;
}

/** Tries of a parked record, while its partition goes on without its key. */
export interface ParkingPolicy extends Backoff {
  /** How often it is tried again before it becomes a dead letter. */
  readonly attempts: number;
  /** Records that stand behind fences, at most, in one partition; at the bound the partition waits. */
  readonly maxRecords: number;
  /**
   * The share of keys, 0 to 1, that may be set aside before the partition waits instead: when most keys fail, the handler is at
   * fault and not the events. Counted from the 20th that fails on; the 41st is the first that it can stop.
   */
  readonly maxKeyShare: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 3, initialMs: 100, maxMs: 1_000 };

/** Twelve tries, most of them five minutes apart at most: half an hour for what fails to be mended. */
export const DEFAULT_PARKING: ParkingPolicy = {
  attempts: 12,
  initialMs: 1_000,
  maxMs: 300_000,
  maxRecords: 10_000,
  maxKeyShare: 0.1,
};

/** The problems of a policy in words; none when it can be used. */
export function problemsOfPolicies(retry: RetryPolicy, parking: ParkingPolicy): string[] {
  return [
    ...problemsOfBackoff('retry', retry),
    ...problemsOfBackoff('parking', parking),
    ...(isWhole(retry.attempts, 1) ? [] : ['its retry.attempts must be a whole number from 1']),
    ...(isWhole(parking.attempts, 0) ? [] : ['its parking.attempts must be a whole number from 0']),
    ...(isWhole(parking.maxRecords, 1) ? [] : ['its parking.maxRecords must be a whole number from 1']),
    ...(parking.maxKeyShare > 0 && parking.maxKeyShare <= 1
      ? []
      : ['its parking.maxKeyShare must be above 0, and 1 at most']),
  ];
}

function problemsOfBackoff(name: string, { initialMs, maxMs }: Backoff): string[] {
  return initialMs > 0 && maxMs >= initialMs
    ? []
    : [
        `its ${name} must wait more than 0 ms at first, and ${name}.maxMs must not be below ${name}.initialMs`,
      ];
}

function isWhole(value: number, from: number): boolean {
  return Number.isSafeInteger(value) && value >= from;
}
