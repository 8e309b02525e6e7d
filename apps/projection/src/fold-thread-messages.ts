import type { StoredBuild } from '@millrace/postgres';
import type { ReaderStatus } from '@millrace/reading';
import type { Settings } from '@millrace/service';
import type { configuration } from './configuration';
import type { PartitionCounts } from './metrics/build-meter';

/** What a thread that folds is started with. */
export interface FoldThreadData {
  readonly settings: Settings<typeof configuration>;
}

export type ToFoldThread = { readonly follow: readonly StoredBuild[] } | { readonly stop: true };

/** Said several times a second. */
export interface FromFoldThread {
  /** Both by the name of the reader. */
  readonly statuses: ReadonlyMap<string, ReaderStatus>;
  readonly counts: ReadonlyMap<string, readonly PartitionCounts[]>;
}
