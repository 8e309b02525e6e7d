import type { Kafka } from 'kafkajs';
import { readRange } from '../index';
import type { LogRange, ReadRangeOptions } from '../index';

/** `partition/offset=value` of each record of the ranges. */
export async function readTexts(
  kafka: Kafka,
  ranges: readonly LogRange[],
  options: ReadRangeOptions = {},
): Promise<string[]> {
  const texts: string[] = [];
  const signal = options.signal ?? AbortSignal.timeout(30_000);
  for await (const { partition, offset, value } of readRange(kafka, ranges, { ...options, signal })) {
    texts.push(`${partition}/${offset}=${value?.toString()}`);
  }
  return texts;
}

/** From the first up to the last, and without it, as text. */
export function numbers(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `${from + index}`);
}
