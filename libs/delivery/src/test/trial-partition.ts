import { byteRangeOf } from '@millrace/event';
import type { LogRecord } from '@millrace/event';
import { holdOrHalt } from '../effect-failure';
import { PositionedPartition } from '../positioned-partition';
import type { LogExtent } from '../partition-position';
import type { PositionedPartitionOptions } from '../positioned-partition-options';
import type { Effects, MemoryLedger } from './memory-ledger';

const backoff = { initialMs: 100, maxMs: 1_000 };
export const at = { topic: 'trial', partition: 0 };
export const signal = new AbortController().signal;
export const context = { confirmMembership: () => Promise.resolve(), signal };

/** A record whose identity, unless it is given, is its own. A copy by spread may have another key and value. */
export function recordAt(offset: number | bigint, id = `event-${offset}`): LogRecord {
  const headers: Record<string, Buffer> = { ce_id: Buffer.from(id), ce_source: Buffer.from('/trial') };
  return {
    ...at,
    offset: BigInt(offset),
    key: null,
    value: null,
    timestampMs: 1_000 + Number(offset),
    keyBytes() {
      return byteRangeOf(this.key);
    },
    valueBytes() {
      return byteRangeOf(this.value);
    },
    header: (name) => headers[name]?.toString(),
    headerBytes: (name) => byteRangeOf(headers[name]),
    hasHeaders: (names) => names.every((name) => name in headers),
    rawHeaders: () => Object.entries(headers),
  };
}

/** Records at the offsets from `from` up to, and without, `to`. */
export function recordsAt(from: number, to: number): LogRecord[] {
  return Array.from({ length: to - from }, (_, index) => recordAt(from + index));
}

/** The effect that the process below leaves for a record. */
export function effectOf(record: LogRecord): string {
  return `${record.offset} ${record.header('ce_id')}`;
}

export interface Trial {
  readonly ledger: MemoryLedger;
  /** What the log holds; a test may change it. */
  log: LogExtent;
  /** Every record that was handed to the process, also in transactions that did not commit. */
  readonly attempted: bigint[];
  /** Offsets whose processing throws. */
  readonly failing: Map<bigint, Error>;
  partition(options?: Partial<PositionedPartitionOptions<Effects>>): PositionedPartition<Effects>;
}

export function trialOf(ledger: MemoryLedger): Trial {
  const trial: Trial = {
    ledger,
    log: { start: 0n, end: 1_000n, partitionCount: 6 },
    attempted: [],
    failing: new Map(),
    partition: (options = {}) =>
      new PositionedPartition<Effects>(at, {
        ledger,
        readExtent: () => Promise.resolve(trial.log),
        start: 'earliest',
        repeatsWithin: 100n,
        backoff,
        judge: holdOrHalt(() => true, backoff),
        prepare: () => Promise.resolve(),
        process: async (effects, records) => {
          for (const record of records) {
            trial.attempted.push(record.offset);
            const error = trial.failing.get(record.offset);
            if (error !== undefined) throw error;
            effects.push(effectOf(record));
          }
        },
        ...options,
      }),
  };
  return trial;
}
