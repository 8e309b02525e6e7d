/** For a service's own code: appends events in the service's own PostgreSQL transaction, for the relay to publish. */
export {
  OutboxAttributeError,
  OutboxEventTooLargeError,
  OutboxNotInstalledError,
  OutboxOutsideTransactionError,
} from './errors';
export { outboxMigrations, outboxMigrationSql } from './migration';
export { Outbox } from './outbox';
export type { AppendedEvent, OutboxAttributes, OutboxOptions } from './outbox';
export type { OutboxTransaction } from './transaction';
