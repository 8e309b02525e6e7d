/** Reads the log with positions in PostgreSQL: what every process that hosts groups or projections shares. */
export { AdoptionOutsideLogError, MovedElsewhereError, NothingMovedError } from './errors';
export { GroupOffsets } from './group-offsets';
export type { DecidedOffset, OffsetMove } from './group-offsets';
export { FolderNotLoadedError, loadFolder } from './load-folder';
export { isStandingStill, LogReader } from './log-reader';
export type { LogReaderOptions, PartitionReport, ReaderParts, ReaderReport, ReaderState } from './log-reader';
export { readEvent, UnexpectedTombstoneError } from './read-event';
export type { ReadEvent } from './read-event';
export { Servers } from './servers';
export type { ServersOptions } from './servers';
