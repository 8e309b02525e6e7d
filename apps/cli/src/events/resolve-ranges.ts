import type { KafkaCluster, LogBounds, LogRange } from '@millrace/kafka';
import { InvalidOptionError } from './errors';
import type { LogPlace } from './log-place';

/** A topic, or one partition of it. */
export interface TopicChoice {
  readonly topic: string;
  readonly partition?: number;
}

/** Where Kafka has the first record at or after a time, by partition; the log's end where there is none. */
export type OffsetsAt = (topic: string, timestampMs: number) => Promise<ReadonlyMap<number, bigint>>;

export interface RangeQuestion {
  readonly cluster: Pick<KafkaCluster, 'logBounds'>;
  readonly offsetsAt: OffsetsAt;
  readonly from: LogPlace;
  /** Undefined: to the present end, or on for ever when the log is followed. */
  readonly to: LogPlace | undefined;
  readonly follow: boolean;
  /** Told of every offset that the log does not hold. */
  readonly note: (line: string) => void;
}

/** Reads `flights` or `flights/3`. @throws InvalidOptionError */
export function parseTopicChoice(text: string): TopicChoice {
  const [, topic, partition] = /^([a-zA-Z0-9._-]{1,249})(?:\/(\d{1,9}))?$/.exec(text) ?? [];
  if (topic === undefined)
    throw new InvalidOptionError(text, 'a topic, or one partition of it such as flights/3');
  return partition === undefined ? { topic } : { topic, partition: Number(partition) };
}

/**
 * The stretches of the log between two places, one for each partition, resolved once. An offset that the log does not hold
 * becomes the nearest that it does. Stretches without a record are left out, unless the log is followed.
 * @throws InvalidOptionError for a partition that does not exist; TopicNotFoundError, KafkaUnavailableError
 */
export async function resolveRanges(
  choices: readonly TopicChoice[],
  question: RangeQuestion,
): Promise<LogRange[]> {
  const ranges: LogRange[] = [];
  for (const { topic, partition: only } of choices) {
    const bounds = await question.cluster.logBounds(topic);
    if (only !== undefined && bounds[only] === undefined) {
      throw new InvalidOptionError(
        `${topic}/${only}`,
        `a partition of the ${bounds.length} that ${topic} has`,
      );
    }
    const from = await offsetOf(question.from, topic, question);
    const to = question.to === undefined ? undefined : await offsetOf(question.to, topic, question);
    for (const [partition, held] of bounds.entries()) {
      if (only !== undefined && partition !== only) continue;
      const start = within(from(partition, held), held, (line) =>
        question.note(`${topic}/${partition} ${line}`),
      );
      const end = to?.(partition, held);
      if (end === undefined ? question.follow || start < held.end : start < end) {
        ranges.push({ topic, partition, from: start, ...(end === undefined ? {} : { to: end }) });
      }
    }
  }
  return ranges;
}

type OffsetIn = (partition: number, held: LogBounds) => bigint;

async function offsetOf(place: LogPlace, topic: string, { offsetsAt }: RangeQuestion): Promise<OffsetIn> {
  switch (place.kind) {
    case 'earliest':
      return (_, held) => held.start;
    case 'latest':
      return (_, held) => held.end;
    case 'offset':
      return () => place.offset;
    case 'time': {
      const offsets = await offsetsAt(topic, place.timestampMs);
      return (partition, held) => offsets.get(partition) ?? held.end;
    }
  }
}

function within(offset: bigint, held: LogBounds, note: (line: string) => void): bigint {
  if (offset < held.start) {
    note(`begins at offset ${held.start}: what was before it is no longer retained`);
    return held.start;
  }
  if (offset > held.end) {
    note(`ends at offset ${held.end}`);
    return held.end;
  }
  return offset;
}
