import type { Fingerprint } from '@millrace/delivery';
import type { TopicPartition } from '@millrace/event';

/** The projection that is to be rebuilt, in the version that the rebuild will run. */
export interface ProjectionFacts {
  readonly name: string;
  readonly version: number;
  readonly kind: 'entity' | 'aggregate';
  readonly topics: readonly string[];
  /** The projection declares that the latest event of a key says all that there is to say about it. */
  readonly latestWins: boolean;
  /** What a record without a value does; `undefined` where none is expected. */
  readonly tombstones: 'delete' | 'ignore' | undefined;
  /** Event types that it folds. */
  readonly folds: readonly string[];
  /** Event types that it passes over on purpose. */
  readonly ignores: readonly string[];
}

/** What the log of one partition holds: offsets from `start` up to, and without, `end`. */
export interface PartitionExtent {
  readonly start: bigint;
  readonly end: bigint;
}

/** A topic as the cluster has it now. */
export interface TopicFacts {
  readonly topic: string;
  /** The index is the partition. */
  readonly partitions: readonly PartitionExtent[];
  /** Kafka's `cleanup.policy`. */
  readonly cleanupPolicy: string;
}

/** Where the live read model stands in one partition. */
export interface LivePosition extends TopicPartition {
  /** The first offset that is not done. */
  readonly nextOffset: bigint;
  /** How many partitions the topic had when the position was written. */
  readonly partitionCount: number;
  /** The record that was done last, at `nextOffset` - 1; `undefined` when it was no event, or none was done. */
  readonly last?: Fingerprint;
  /**
   * What the log holds at `nextOffset` - 1 now; see `foundAt`. Not needed without `last`, or when the log no
   * longer reaches back to that offset. Left out otherwise, the topic's identity counts as not proven.
   */
  readonly found?: Fingerprint | 'nothing';
}

/** One version that was ever registered for a topic, deleted ones included. */
export interface SchemaFacts {
  readonly subject: string;
  readonly version: number;
  /** `undefined` when the registry does not tell it any more. */
  readonly schemaId?: number;
  /** The full name of the event type that its records are read as, or were written as when nothing reads them. */
  readonly eventType?: string;
  /** Why its records cannot be read now; `undefined` when they can. */
  readonly problem?: string;
}

/** All that decides whether a rebuild from offset zero can be right, read from the servers at one time. */
export interface RebuildFacts {
  readonly projection: ProjectionFacts;
  /** The projection's topics; one that the cluster does not have is left out, and refused for that. */
  readonly topics: readonly TopicFacts[];
  /** The positions of the live read model; none for a projection that was never built. */
  readonly live: readonly LivePosition[];
  /** Of all the projection's topics. */
  readonly schemas: readonly SchemaFacts[];
}
