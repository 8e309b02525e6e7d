import { formatPosition, InvalidPositionError, parsePosition } from '@millrace/event';
import type { Position, RawHeader } from '@millrace/event';

const PARTITION_BYTES = 4;
const OFFSET_BYTES = 8;

/**
 * Where a record lay before its first visit to a topic of dead letters, as that visit's headers have it; `undefined` when it
 * has none that can be read. Headers of Millrace count before those of Spring Kafka, and those before Kafka Connect's. Spring
 * Kafka appends its headers with every visit: the first ones are the oldest.
 */
export function firstOrigin(headers: readonly RawHeader[]): string | undefined {
  const first = (name: string): Buffer | undefined =>
    headers.find(([each]) => each === name)?.[1] ?? undefined;
  const text = (name: string): string | undefined => first(name)?.toString();
  return (
    positionText(text('millrace-dlq-origin')) ??
    positionText(
      placeText(
        text('kafka_dlt-original-topic'),
        integer(first('kafka_dlt-original-partition'), PARTITION_BYTES),
        integer(first('kafka_dlt-original-offset'), OFFSET_BYTES),
      ),
    ) ??
    positionText(
      placeText(
        text('__connect.errors.topic'),
        text('__connect.errors.partition'),
        text('__connect.errors.offset'),
      ),
    )
  );
}

function integer(bytes: Buffer | undefined, length: number): string | undefined {
  if (bytes?.length !== length) return undefined;
  return String(length === OFFSET_BYTES ? bytes.readBigInt64BE() : bytes.readInt32BE());
}

function placeText(...parts: readonly (string | undefined)[]): string | undefined {
  return parts.includes(undefined) ? undefined : parts.join('/');
}

/** Anybody can write a header: what is no position is none. */
function positionText(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    const position: Position = parsePosition(text);
    return formatPosition(position);
  } catch (error) {
    if (error instanceof InvalidPositionError) return undefined;
    throw error;
  }
}
