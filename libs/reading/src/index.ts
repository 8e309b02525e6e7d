/** Reads the log with positions in PostgreSQL: what every process that hosts groups or projections shares. */
export { buildLabels, buildPartitionLabels } from './build-labels';
export { AdoptionOutsideLogError, MovedElsewhereError, NothingMovedError } from './errors';
export { GroupOffsets } from './group-offsets';
export type { DecidedOffset, OffsetMove } from './group-offsets';
export { FolderNotLoadedError, loadFolder } from './load-folder';
export { LogReader } from './log-reader';
export type { LogReaderOptions, ReaderParts } from './log-reader';
export { checkReader, isStandingStill, reportReader } from './reader-report';
export type {
  PartitionReport,
  ReaderReport,
  ReaderState,
  ReaderStatus,
  ReportedReader,
} from './reader-report';
export { readEvent, UnexpectedTombstoneError } from './read-event';
export type { ReadEvent } from './read-event';
export { Servers } from './servers';
export type { ServersOptions } from './servers';
export { LagWatch } from './lag-watch';
export type { LaggingReader, LagWatchOptions, PartitionLag } from './lag-watch';
