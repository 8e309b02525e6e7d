/** The one way to PostgreSQL: the pool, migrations, positions with fenced transactions, and read models. */
export { CopyStore } from './copy-store';
export { ParkedColumns } from './parked-columns';
export { openDatabase } from './database';
export type { DatabaseOptions } from './database';
export { IndexKeeper } from './index-keeper';
export { classifyDatabaseFailure, isRefusedByDatabase } from './database-failure';
export {
  DatabaseUnavailableError,
  LiveVersionError,
  MigrationFailedError,
  PositionChangedError,
  ProjectionLayoutError,
  QueriesFullError,
  QueryTimeoutError,
  TransactionRolledBackError,
  ValueRefusedError,
} from './errors';
export { ReservationStore } from './idempotency/reservation-store';
export type {
  HeldReservation,
  Reservation,
  ReservationRequest,
  ReservedPlace,
} from './idempotency/reservation-store';
export { runTransaction as transact } from './in-transaction';
export { migrate, platformMigrations } from './migrate';
export type { Migrations } from './migrate';
export { OldDeadLetters } from './parking/old-dead-letters';
export { NotParkedError } from './parking/errors';
export { FoldDecisionStore } from './parking/fold-decision-store';
export { ParkedRecords } from './parking/parked-records';
export type { ParkedCounts, ParkedEntry, ParkedFilter } from './parking/parked-records';
export { ParkingStore } from './parking/parking-store';
export { PoisonEvents } from './parking/poison-events';
export type { PoisonCounts, PoisonEvent, PoisonFilter } from './parking/poison-events';
export { PositionStore } from './position-store';
export type { PositionStoreOptions, StandingProblem } from './position-store';
export { prepareProjection, readBuilds, touchHostedVersions } from './projection-builds';
export type { BuildState, StoredBuild } from './projection-builds';
export { ProjectionRows } from './projection-rows';
export type { ParkedKey, Row } from './query/build-query';
export type { ListRequest, OrderValues } from './query/list-request';
export { openQueryDatabase } from './query/open-query-database';
export { ProjectionQuery } from './query/projection-query';
export type { ReadRows } from './query/projection-query';
export {
  advanceRun,
  cancelRun,
  endVerification,
  followLog,
  forgetOldRuns,
  holdRun,
} from './replay/advance-run';
export {
  buildTable,
  dropReleasedBuilds,
  keptBuild,
  liveBuild,
  readHostedVersions,
  releaseKeptBuild,
  shapedBuild,
} from './replay/build-control';
export type { HostedVersion } from './replay/build-control';
export type { Comparison, DifferingRow, ShapedBuild } from './replay/compare-builds';
export {
  BuildKeptError,
  LiveBuildChangedError,
  NothingKeptError,
  ReplayActiveError,
  ReplayNotFoundError,
  ReplayStateError,
} from './replay/errors';
export { ExclusiveSession } from './replay/exclusive-session';
export { behind, readAllPositions, readPositions, setStops, vectorOf } from './replay/position-vector';
export type { PositionVector, VectorEntry } from './replay/position-vector';
export { countKeys, readTableSizes } from './replay/table-facts';
export type { TableSize } from './replay/table-facts';
export { proveBuilds } from './replay/prove-builds';
export type { Proof, ProofOutcome } from './replay/prove-builds';
export type { ReplayRun, RunKind, RunPlan, RunState, Swap } from './replay/replay-run';
export { ReplayRuns } from './replay/replay-runs';
export { swapBuilds } from './replay/swap-builds';
export type { SwapOutcome } from './replay/swap-builds';
export { RetentionJob } from './retention-job';
export { StackMismatchError, verifyStackIdentity } from './stack-identity';
export type { StackIdentity } from './stack-identity';
export type { Pool as Database, PoolClient as DatabaseTransaction } from 'pg';
