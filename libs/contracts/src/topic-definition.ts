/** The registry's compatibility levels. The transitive ones compare with every version, not only with the latest. */
export type Compatibility =
  'NONE' | 'BACKWARD' | 'BACKWARD_TRANSITIVE' | 'FORWARD' | 'FORWARD_TRANSITIVE' | 'FULL' | 'FULL_TRANSITIVE';

/** Kafka's `cleanup.policy`. */
export type CleanupPolicy = 'delete' | 'compact' | 'compact,delete';

/** A topic as `schemas/<domain>/topics.yaml` declares it. */
export interface TopicDefinition {
  readonly name: string;
  readonly description: string;
  /** The team that answers for the topic. */
  readonly owner: string;
  readonly partitions: number;
  readonly replication: { readonly factor: number; readonly minInSync: number };
  /** How long records are kept, in milliseconds; `unlimited` is Kafka's -1. */
  readonly retentionMs: number | 'unlimited';
  readonly cleanup: CleanupPolicy;
  /** The field whose value is the record's key; undefined when the topic's records carry none, and keep no order. */
  readonly keyField: string | undefined;
  readonly compatibility: Compatibility;
  /**
   * Present when the topic's events are written once: the same source and id again within `windowMs` gives the first one's
   * position. Absent, a repeat takes a place of its own in the log.
   */
  readonly idempotency?: { readonly windowMs: number };
  /** Full names of the records that may be in the topic. */
  readonly events: readonly string[];
}
