import { LooseRecord } from '@millrace/event';
import type { LogRecord } from '@millrace/event';
import { PartitionMeter } from './partition-meter';

const recordAt = (offset: number, timestampMs: number): LogRecord =>
  new LooseRecord({ topic: 'orders', partition: 0, offset: BigInt(offset), timestampMs });

describe('what is measured of a partition', () => {
  let nowMs: number;
  let meter: PartitionMeter;
  beforeEach(() => {
    nowMs = 1_000_000;
    meter = new PartitionMeter(() => nowMs);
  });

  const lagSeconds = (nextOffset: bigint) => meter.lagSeconds({ nextOffset, logEnd: 10n });

  it('is the age of the first record that is not done; nothing while nobody has seen it', () => {
    expect(lagSeconds(5n)).toBeNull();
    meter.received([recordAt(5, nowMs - 7_500)]);
    expect(lagSeconds(5n)).toBe(7.5);
  });

  it('is 0 seconds behind when nothing is left, and when the record is dated in the future', () => {
    expect(lagSeconds(10n)).toBe(0);
    meter.received([recordAt(5, nowMs + 60_000)]);
    expect(lagSeconds(5n)).toBe(0);
  });

  it('is the rate of the last minute, or of the time since the first record', () => {
    expect(meter.recordsPerSecond()).toBe(0);
    meter.consumed(500, 500n);
    nowMs += 5_000;
    expect(meter.recordsPerSecond()).toBe(100);
    meter.consumed(700, 1_200n);
    nowMs += 25_000;
    expect(meter.recordsPerSecond()).toBe(40);
    nowMs += 31_000;
    expect(meter.recordsPerSecond()).toBeCloseTo(700 / 60);
    nowMs += 60_000;
    expect(meter.recordsPerSecond()).toBe(0);
  });
});
