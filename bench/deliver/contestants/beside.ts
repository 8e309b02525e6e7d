import type { Measured } from '../../figure';

/** What goes on while a contestant reads, such as a load. */
export interface Beside {
  /** Rejects when it cannot go on, and never resolves. */
  readonly failed: Promise<never>;
  end(): Promise<void>;
}

/** Measures with something beside it, and ends that in any case. @throws what either of them throws */
export async function measureBeside(
  begin: (() => Promise<Beside>) | undefined,
  measure: () => Promise<Measured>,
): Promise<Measured> {
  const beside = await begin?.();
  try {
    return await (beside === undefined ? measure() : Promise.race([measure(), beside.failed]));
  } finally {
    await beside?.end();
  }
}
