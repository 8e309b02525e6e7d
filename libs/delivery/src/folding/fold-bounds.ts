/** How much of one partition may be parked before it stands still instead: a fold that fails at everything must not park it all. */
export interface FoldBounds {
  /** Keys that are parked at once. */
  readonly maxKeys: number;
  /** Records that stand behind them, those that failed included. */
  readonly maxRecords: number;
  /** Bytes of the values of these records. */
  readonly maxBytes: number;
}

export const DEFAULT_FOLD_BOUNDS: FoldBounds = {
  maxKeys: 1_000,
  maxRecords: 10_000,
  maxBytes: 64 * 1024 * 1024,
};

/** When most keys fail, the fold is at fault and not the events. Counted from the 20th that fails on, as for groups. */
export const MAX_KEY_SHARE = 0.1;

/** The problems of declared bounds in words; none when they can be used. */
export function problemsOfFoldBounds(bounds: Partial<FoldBounds>): string[] {
  return Object.entries(bounds)
    .filter(([, value]) => !Number.isSafeInteger(value) || value < 1)
    .map(([name]) => `its parking.${name} must be a whole number from 1`);
}
