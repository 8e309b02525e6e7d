/** The one way to Kafka: writing records, reading as a member of a group, topics and the bounds of the log. */
export {
  DeadLetterTopicError,
  KafkaUnavailableError,
  MembershipLostError,
  RecordRefusedError,
  TopicNotFoundError,
  TopicsNotCreatedError,
  WriteDeadlineError,
  WriterClosedError,
  WriterFullError,
} from './errors';
export type { WriteOutcome } from './errors';
export type { ExpectedMove, PartitionState, PartitionStatus } from './assigned-partition';
export type { DeadLetterTopicOptions } from './dead-letter-topic';
export { GroupReader } from './group-reader';
export type { GroupReaderOptions, GroupReaderStatus } from './group-reader';
export { createKafkaClient } from './kafka-client';
export type { KafkaClientOptions } from './kafka-client';
export { KafkaCluster } from './kafka-cluster';
export { LogEnds } from './log-ends';
export type { LogEnd } from './log-ends';
export { LANDING_LIMIT_MS } from './landing-limit';
export { LogWriter } from './log-writer';
export { WaitingRoom } from './waiting-room';
export type { LogWriterOptions, RawRecordToWrite, RecordToWrite } from './log-writer';
export type { LogBounds } from './log-bounds';
export { readRange } from './read-range';
export type { ReadRangeOptions } from './read-range';
export type { LogRange } from './range-cursor';
export { RangeNotInLogError } from './range-not-in-log-error';
export { readRecords } from './read-records';
export type { ReadRecordsOptions } from './read-records';
export { RecordsNotReadError } from './records-not-read-error';
export type { TopicChange, TopicPlanOptions } from './topic-plan';
export { withCluster } from './with-cluster';
