import { formatTopicPartition } from '@millrace/event';
import type { Circumstances, HaltedPartition, LagSample, MemorySample } from '../evidence';
import type { Findings } from '../findings';
import { haltedByPartitionCount } from './halted-partitions';

const WITHIN_MS = 60_000;
const MIB = 1_048_576;
const GROWTH_SHARE = 1.25;
/** Windows of repeats may still be filling. */
const GROWTH_BYTES = 20 * MIB;
/** A process that lived shorter, in a short run or because it was killed, is still starting, and is not judged. */
const MIN_LIFE_MS = 120_000;

/**
 * Within 60 s of the last fault every reader has come to the end of every partition that it was seen in, or has halted
 * there and said that the partitions have become others, and no process holds much more in memory at its end than
 * in the middle of its life: the median of the last third of its samples is at most a quarter, or 20 MiB, above that of
 * the middle third. Missing: readers that were not done in time, or that nothing was measured; extra: processes that grew.
 */
export function settledAgain(
  { lastFaultAt, lags, memory }: Pick<Circumstances, 'lastFaultAt' | 'lags' | 'memory'>,
  halted: readonly HaltedPartition[],
): Findings {
  const excused = new Set(haltedByPartitionCount(halted).map(nameOf));
  const judgedLags = lags.filter((lag) => !excused.has(nameOf(lag)));
  const processes = [...Map.groupBy(memory, ({ process }) => process).values()];
  const judged = processes.filter((samples) => lifeOf(samples) >= MIN_LIFE_MS);
  return {
    invariant: 'settled-again',
    missing: [
      ...(lags.length === 0 ? ['any sample of a lag'] : behindInTime(judgedLags, lastFaultAt)),
      ...(memory.length === 0 ? ['any sample of memory'] : []),
    ],
    extra: judged.flatMap((samples) => describeGrowth(samples)),
  };
}

/** Lags come back with faults and traffic; what counts is that each reader caught up after the last fault. */
function behindInTime(lags: readonly LagSample[], lastFaultAt: number): string[] {
  const readers = Map.groupBy(lags, nameOf);
  return [...readers].flatMap(([reader, samples]) => {
    const inTime = samples.filter(({ at }) => at >= lastFaultAt && at <= lastFaultAt + WITHIN_MS);
    if (inTime.some(({ lag }) => lag === 0n)) return [];
    const last = inTime.toSorted((a, b) => a.at - b.at).at(-1);
    return [last === undefined ? `${reader}: not sampled` : `${reader}: still ${last.lag} behind`];
  });
}

function nameOf(at: HaltedPartition | LagSample): string {
  return `${at.reader} in ${formatTopicPartition(at)}`;
}

function lifeOf(samples: readonly MemorySample[]): number {
  const times = samples.map(({ at }) => at);
  return Math.max(...times) - Math.min(...times);
}

function describeGrowth(samples: readonly MemorySample[]): string[] {
  const inOrder = samples.toSorted((a, b) => a.at - b.at).map(({ bytes }) => bytes);
  const third = Math.floor(inOrder.length / 3);
  const middle = median(inOrder.slice(third, inOrder.length - third));
  const end = median(inOrder.slice(-third));
  if (end <= middle * GROWTH_SHARE || end <= middle + GROWTH_BYTES) return [];
  return [`${samples[0]?.process}: from ${Math.round(middle / MIB)} to ${Math.round(end / MIB)} MiB`];
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
