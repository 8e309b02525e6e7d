import { InvalidPositionError } from './errors';

/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** The place of one record in the log. Offsets are 64-bit: never a `number`. */
export interface Position extends TopicPartition {
  readonly offset: bigint;
}

const POSITION = /^([A-Za-z0-9._-]{1,249})\/(\d{1,10})\/(\d{1,19})$/;

/** `topic/partition/offset`: the text form that publishing returns and every read model accepts. */
export function formatPosition(position: Position): string {
  return `${position.topic}/${position.partition}/${position.offset}`;
}

/**
 * Reads `topic/partition/offset`.
 * @throws InvalidPositionError when the text has another form.
 */
export function parsePosition(text: string): Position {
  const match = POSITION.exec(text);
  if (match === null) throw new InvalidPositionError(text);
  return { topic: match[1] ?? '', partition: Number(match[2]), offset: BigInt(match[3] ?? '') };
}

/** `topic/partition`: names a partition in maps, logs and errors. */
export function formatTopicPartition(of: TopicPartition): string {
  return `${of.topic}/${of.partition}`;
}
