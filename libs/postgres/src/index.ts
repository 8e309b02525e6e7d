/** The one way to PostgreSQL: the pool, migrations, positions with fenced transactions, and read models. */
export { openDatabase } from './database';
export type { DatabaseOptions } from './database';
export { classifyDatabaseFailure, isRefusedByDatabase } from './database-failure';
export {
  DatabaseUnavailableError,
  MigrationFailedError,
  ProjectionLayoutError,
  TransactionRolledBackError,
  UnknownColumnError,
} from './errors';
export { migrate, platformMigrations } from './migrate';
export type { Migrations } from './migrate';
export { PositionStore } from './position-store';
export { ProjectionQuery } from './projection-query';
export type { ListOptions, ReadRows, Row } from './projection-query';
export { prepareProjection, ProjectionRows } from './projection-store';
export { StackMismatchError, verifyStackIdentity } from './stack-identity';
export type { StackIdentity } from './stack-identity';
export type { Pool as Database, PoolClient as DatabaseTransaction } from 'pg';
