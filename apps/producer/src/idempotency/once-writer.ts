import type { EventAttributes, Position } from '@millrace/event';
import type { RecordToWrite } from '@millrace/kafka';

/** The way into the log for the topics that have an idempotency window: each event lies there once. */
export interface OnceWriter {
  /** Resolves when events can be reserved, or when it is closed. */
  start(): Promise<void>;
  /** Why events cannot be reserved now; undefined when they can. */
  unavailable(): Promise<string | undefined>;
  covers(topic: string): boolean;
  /** Writes one event, or gives the place where its first sending lies. */
  append(record: RecordToWrite, attributes: EventAttributes): Promise<Position>;
  /** These three as `LogWriter` has them. */
  room(): Promise<void> | undefined;
  answerAllWithin(withinMs: number): void;
  close(): Promise<void>;
}
