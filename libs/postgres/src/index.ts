/** The one way to PostgreSQL: the pool, migrations, positions with fenced transactions, and read models. */
export { openDatabase } from './database';
export type { DatabaseOptions } from './database';
export { classifyDatabaseFailure, isRefusedByDatabase } from './database-failure';
export {
  DatabaseUnavailableError,
  LiveVersionError,
  MigrationFailedError,
  ProjectionLayoutError,
  TransactionRolledBackError,
  UnknownColumnError,
} from './errors';
export { migrate, platformMigrations } from './migrate';
export type { Migrations } from './migrate';
export { PositionStore } from './position-store';
export type { PositionStoreOptions, StandingProblem } from './position-store';
export { prepareProjection, readBuilds, touchHostedVersions } from './projection-builds';
export type { BuildState, StoredBuild } from './projection-builds';
export { ProjectionQuery } from './projection-query';
export type { ListOptions, ReadRows, Row } from './projection-query';
export { ProjectionRows } from './projection-rows';
export { StackMismatchError, verifyStackIdentity } from './stack-identity';
export type { StackIdentity } from './stack-identity';
export type { Pool as Database, PoolClient as DatabaseTransaction } from 'pg';
