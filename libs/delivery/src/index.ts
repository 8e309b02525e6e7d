/** What happens to a record between the log and a handler's committed effect. */
export { fullJitterMs } from './backoff';
export type { Backoff } from './backoff';
export { checkGroupCoversTopics, defineConsumerGroup } from './consumer-group';
export type {
  CallPolicy,
  ConsumerGroup,
  ConsumerGroupDefinition,
  ExternalDelivery,
  HandledEvent,
  TransactionalBatchDelivery,
  TransactionalDelivery,
} from './consumer-group';
export { longestTriesMs } from './external/external-call';
export type { Call, CallContext } from './external/external-call';
export { fencingTokenOf, idempotencyKeyOf } from './external/delivery-tokens';
export { ExternalPartition } from './external/external-partition';
export type { ExternalPartitionOptions } from './external/external-partition';
export { deadLetterRecord, MAX_DEAD_LETTER_OVERHEAD_BYTES } from './dead-letter/dead-letter-record';
export type { DeadLetterFailure, DeadLetterRecord } from './dead-letter/dead-letter-record';
export { deadLetterTopic } from './dead-letter/dead-letter-topic';
export type { PartitionObserver } from './partition-observer';
export { DEFAULT_FOLD_BOUNDS, problemsOfFoldBounds } from './folding/fold-bounds';
export type { FoldBounds } from './folding/fold-bounds';
export type { FoldDecisions, FoldHalt } from './folding/fold-decisions';
export { FoldPartition } from './folding/fold-partition';
export type { FoldPartitionOptions } from './folding/fold-partition';
export { holdOrHalt, RecordFailure } from './effect-failure';
export type { EffectFailure, Judge, Verdict } from './effect-failure';
export {
  DependencyUnavailableError,
  FencedError,
  InvalidDefinitionError,
  PermanentError,
  QueueFullError,
  StopReachedError,
  UndecodableRecordError,
} from './errors';
export { GroupPartition } from './group-partition';
export type { GroupPartitionOptions } from './group-partition';
export type { HostedGroup } from './hosted-group';
export { isPermanent } from './parking/group-judge';
export { fenceOf } from './parking/parking-lot';
export type {
  DeadRecord,
  Drained,
  DrainRequest,
  Parked,
  ParkedRecord,
  ParkingLot,
  ParkingReason,
  UnpublishedDeadLetters,
} from './parking/parking-lot';
export type { ParkingPolicy, RetryPolicy } from './parking/parking-policy';
export { DependencyBreaker } from './lanes/dependency-breaker';
export type {
  BreakerState,
  DependencyBreakerOptions,
  DependencyStateChange,
} from './lanes/dependency-breaker-options';
export type {
  Halt,
  HandleOutcome,
  OpenContext,
  OpenOutcome,
  PartitionHandler,
  PartitionHandlerFactory,
} from './partition-handler';
export { explainAdoption, explainMovedCopy, foundCopy, isMovedCopy } from './position-copy';
export type { CopyCheck, CopyCheckOutcome, CopyNotes, MovedCopy, PositionCopy } from './position-copy';
export type {
  Advance,
  Claim,
  Fingerprint,
  PositionLedger,
  StoredPosition,
  StoreFailure,
} from './position-ledger';
export { PositionedPartition } from './positioned-partition';
export type { LogExtent } from './partition-position';
export type { PositionedPartitionOptions } from './positioned-partition-options';
export type { Transaction } from './transaction';
