import type { Position, TopicPartition } from '@millrace/event';
import type { Attempt } from './attempt';

/** A record of the log; what could not be read of it is null. */
export interface LedgerRecord extends Position {
  readonly source: string | null;
  readonly id: string | null;
  readonly key: string | null;
  readonly seq: number | null;
  readonly destination: string | null;
  /** The attempt that wrote it, as the event's trace context says. */
  readonly attempt: number | null;
  /** When the producer took it, or the log's own time when the event does not say. */
  readonly atMs: number;
}

/** What a group finished about one event. */
export interface FinishedWork extends Position {
  readonly id: string;
}

/** A row of `faults.effect`. */
export interface Effect extends FinishedWork {
  /** Rises in the order in which the effects were made. */
  readonly number: bigint;
  readonly key: string;
  readonly seq: number;
  readonly atMs: number;
}

/** A row of `outside.call`: one call that has arrived, whatever its caller learned of it. */
export interface Call extends FinishedWork {
  /** Rises in the order in which the calls arrived. */
  readonly number: bigint;
  readonly key: string;
  readonly seq: number;
  readonly idempotencyKey: string;
  readonly fencingToken: string;
  readonly attempt: number;
  readonly atMs: number;
}

/** A record that a group has set aside, parked or as a dead letter. */
export interface AsideRecord extends Position {
  readonly reader: string;
  /** Null where it has none. */
  readonly id: string | null;
  /** Of its last try; null for one that only waits behind another. */
  readonly failure: string | null;
}

/** The first offset that a reader has not done. */
export interface ReaderPosition extends TopicPartition {
  /** `group/<name>` or `projection/<name>@<version>`. */
  readonly reader: string;
  readonly nextOffset: bigint;
}

/** A partition in which a reader stands still for good, as it tells its operators. */
export interface HaltedPartition extends TopicPartition {
  readonly reader: string;
  readonly reason: string;
}

export type ModelName = 'ledgerLast' | 'ledgerSum';

/** The rows of one build of a read model, each column by its name in camel case. */
export interface ReadModel {
  readonly model: ModelName;
  /** Names the build, such as `ledgerLast@1.2 live`. */
  readonly build: string;
  /** Whose positions say how far the rows are, such as `projection/ledgerLast@1.2`. */
  readonly reader: string;
  readonly rows: readonly {
    readonly key: string;
    readonly values: Readonly<Record<string, number | bigint>>;
  }[];
}

/** All that a run left behind, read when nothing moved any more. */
export interface Evidence {
  /** In the order in which they were sent. */
  readonly attempts: readonly Attempt[];
  /** In the order of offsets within each partition. */
  readonly log: readonly LedgerRecord[];
  readonly effects: readonly Effect[];
  /** Of the group that calls the outside. */
  readonly calls: readonly Call[];
  /** Of both groups. */
  readonly parked: readonly AsideRecord[];
  readonly dead: readonly AsideRecord[];
  readonly positions: readonly ReaderPosition[];
  /** Empty unless something was done that has to halt readers. */
  readonly halted: readonly HaltedPartition[];
  readonly readModels: readonly ReadModel[];
}

/** How far a reader was behind the end of one partition. */
export interface LagSample extends TopicPartition {
  readonly at: number;
  readonly reader: string;
  readonly lag: bigint;
}

/** What one process held, without its garbage. */
export interface MemorySample {
  readonly at: number;
  /** The process, another name for each time it was started, such as `consumer (pid 123)`. */
  readonly process: string;
  /** Of the heap and of buffers outside of it. */
  readonly bytes: number;
}

/** What readers of a read model were shown at one moment; tables with their schema. */
export interface ShownBuild {
  readonly at: number;
  readonly model: ModelName;
  /** The table that the view reads. */
  readonly shown: string;
  /** The table of the build that is live. */
  readonly live: string;
  /** Where the live build stands, by partition. */
  readonly nextOffsets: readonly (readonly [partition: number, nextOffset: bigint])[];
}

/** A rebuild that had not ended well when everything else had come to rest. */
export interface OpenRebuild {
  readonly id: number;
  readonly model: string;
  /** As the run says it: `refused` when its proof has found other rows. */
  readonly state: string;
  readonly reason: string | undefined;
}

/** What was seen around a run while it went on. */
export interface Circumstances {
  /** When the last fault was over. */
  readonly lastFaultAt: number;
  readonly lags: readonly LagSample[];
  readonly memory: readonly MemorySample[];
  /** In the order of time. */
  readonly shown: readonly ShownBuild[];
  readonly openRebuilds: readonly OpenRebuild[];
  /** Whether the topic had an idempotency window all the time, longer than the run. */
  readonly isWindowed: boolean;
  /** How often each fault was to happen, by its name. */
  readonly scheduled: Readonly<Record<string, number>>;
  /** How often it happened, counted where it was injected. */
  readonly injected: Readonly<Record<string, number>>;
}

/** The group whose effects are examined, and the name of its positions. */
export const LEDGER_READER = 'group/ledger';
/** The group whose calls are examined. */
export const OUTSIDE_READER = 'group/outside';
