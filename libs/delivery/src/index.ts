/** What happens to a record between the log and a handler's committed effect. */
export { fullJitterMs } from './backoff';
export type { Backoff } from './backoff';
export { checkGroupCoversTopics, defineConsumerGroup } from './consumer-group';
export type {
  ConsumerGroup,
  ConsumerGroupDefinition,
  HandledEvent,
  TransactionalDelivery,
} from './consumer-group';
export { FencedError, InvalidDefinitionError, StopReachedError } from './errors';
export type { HostedGroup } from './hosted-group';
export type {
  HandleOutcome,
  OpenContext,
  OpenOutcome,
  PartitionHandler,
  PartitionHandlerFactory,
} from './partition-handler';
export type { Advance, Fingerprint, PositionLedger, StoredPosition, StoreFailure } from './position-ledger';
export { PositionedPartition } from './positioned-partition';
export type { LogExtent } from './partition-position';
export type { PositionedPartitionOptions } from './positioned-partition-options';
export type { Transaction } from './transaction';
