import { setTimeout as sleep } from 'node:timers/promises';
import type { Measured } from './figure';
import { percentile } from './statistics';

/** How far behind its plan a run may begin a call before it counts as not having kept the rate. */
const TICK_MS = 1;

/**
 * Begins a call for each item at a steady rate, whether or not those before have ended, and gives percentiles of the time from
 * when it should have begun to its end: whoever stalls is charged for all who wait (no coordinated omission).
 */
export async function atARate<Item>(
  items: readonly Item[],
  perSecond: number,
  call: (item: Item) => Promise<void>,
): Promise<Measured> {
  const startedAt = performance.now();
  const latencies: number[] = [];
  const calls: Promise<void>[] = [];
  for (let begun = 0; begun < items.length;) {
    const due = Math.min(items.length, Math.floor(((performance.now() - startedAt) * perSecond) / 1_000) + 1);
    for (; begun < due; begun++) {
      const plannedAt = startedAt + (begun * 1_000) / perSecond;
      const item = items[begun];
      if (item === undefined) break;
      calls.push(call(item).then(() => void latencies.push(performance.now() - plannedAt)));
    }
    await sleep(TICK_MS);
  }
  await Promise.all(calls);
  return {
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
    p999: percentile(latencies, 99.9),
  };
}
