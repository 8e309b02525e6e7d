import { formatTopicPartition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';
import type { LogBounds } from '@millrace/kafka';
import type { VectorEntry } from '@millrace/postgres';

/** A reader whose positions are looked at: a consumer group, or one build of a projection. */
export interface LaggingReader {
  /** Names its positions, such as `projection/flight@1`. */
  readonly reader: string;
  readonly topics: readonly string[];
}

/** How far a reader is behind in one partition; `null` is what is not known now. */
export interface PartitionLag extends TopicPartition {
  /** The first offset that is not done. */
  readonly nextOffset: bigint;
  readonly logEnd: bigint | null;
  /** Records of the log that are not done, gaps in the log counted. */
  readonly lag: bigint | null;
  /** See LagWatch. */
  readonly lagSeconds: number | null;
  /** Why its owner does not go on there. */
  readonly problem: VectorEntry['problem'];
  /** Somebody has taken the partition, now or before. */
  readonly isTaken: boolean;
}

export interface LagWatchOptions {
  readonly positionsOf: (readers: readonly string[]) => Promise<ReadonlyMap<string, readonly VectorEntry[]>>;
  readonly boundsOf: (topic: string) => Promise<readonly LogBounds[]>;
  /** Milliseconds since the epoch. */
  readonly nowMs?: () => number;
}

/**
 * How far readers are behind, from their positions and the ends of the log, whoever reads.
 *
 * Lag in seconds says for how long the oldest record that is not done has waited, at most: no longer than since the record
 * before it was written, and no longer than since the reader was last seen at the end of the log. The second bound is what
 * keeps a day without records, or records that are dated in the past, from counting as lag; it is as fine as the looks are
 * frequent, and not there before the first one. A record dated in the future counts as written now.
 */
export class LagWatch {
  /** When a reader was last seen at the end of a partition's log, by both. */
  private readonly atEnd = new Map<string, Map<string, number>>();

  constructor(private readonly options: LagWatchOptions) {}

  /**
   * The partitions of each reader, by its name, in order. Without Kafka the positions are known, and no lag. What was seen of
   * a reader that is not among them is forgotten.
   */
  async look(readers: readonly LaggingReader[]): Promise<Map<string, PartitionLag[]>> {
    // The ends first: what is written in between is not taken for lag.
    const bounds = await this.boundsOf(new Set(readers.flatMap(({ topics }) => topics)));
    const positions = await this.options.positionsOf(readers.map(({ reader }) => reader));
    const names = new Set(readers.map(({ reader }) => reader));
    for (const name of this.atEnd.keys()) if (!names.has(name)) this.atEnd.delete(name);
    const nowMs = (this.options.nowMs ?? Date.now)();
    return new Map(
      readers.map(({ reader, topics }) => {
        const stored = positions.get(reader) ?? [];
        return [reader, topics.flatMap((topic) => this.lagsIn(topic, { reader, stored, bounds, nowMs }))];
      }),
    );
  }

  private async boundsOf(topics: ReadonlySet<string>): Promise<Map<string, readonly LogBounds[]>> {
    const asked = [...topics].map(async (topic) => {
      return [topic, await this.options.boundsOf(topic).catch(() => undefined)] as const;
    });
    return new Map((await Promise.all(asked)).flatMap(([topic, found]) => (found ? [[topic, found]] : [])));
  }

  private lagsIn(
    topic: string,
    known: {
      readonly reader: string;
      readonly stored: readonly VectorEntry[];
      readonly bounds: ReadonlyMap<string, readonly LogBounds[]>;
      readonly nowMs: number;
    },
  ): PartitionLag[] {
    const stored = known.stored.filter((each) => each.topic === topic);
    const bounds = known.bounds.get(topic) ?? [];
    const numbers = new Set([...bounds.keys(), ...stored.map(({ partition }) => partition)]);
    return [...numbers]
      .sort((a, b) => a - b)
      .map((partition) => {
        const own = stored.find((each) => each.partition === partition);
        const extent = bounds[partition];
        const nextOffset = own?.nextOffset ?? extent?.start ?? 0n;
        const at = { topic, partition, nextOffset, problem: own?.problem };
        const isTaken = own !== undefined && own.epoch > 0n;
        if (extent === undefined) return { ...at, isTaken, logEnd: null, lag: null, lagSeconds: null };
        const lag = extent.end > nextOffset ? extent.end - nextOffset : 0n;
        const lagSeconds = this.secondsOf({ ...at, reader: known.reader }, lag, {
          nowMs: known.nowMs,
          lastMs: own?.last?.timestampMs,
        });
        return { ...at, isTaken, logEnd: extent.end, lag, lagSeconds };
      });
  }

  private secondsOf(
    at: TopicPartition & { readonly reader: string },
    lag: bigint,
    { nowMs, lastMs }: { readonly nowMs: number; readonly lastMs: number | undefined },
  ): number | null {
    const seen = this.atEnd.get(at.reader) ?? new Map<string, number>();
    const partition = formatTopicPartition(at);
    if (lag === 0n) {
      this.atEnd.set(at.reader, seen.set(partition, nowMs));
      return 0;
    }
    const bounds = [lastMs, seen.get(partition)].filter((since) => since !== undefined);
    return bounds.length === 0 ? null : Math.max(0, nowMs - Math.max(...bounds)) / 1_000;
  }
}
