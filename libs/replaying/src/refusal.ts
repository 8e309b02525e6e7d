/** What was looked at when a rebuild was refused. */
export type RefusalCheck = 'log-start' | 'partition-count' | 'topic-identity' | 'compaction' | 'schema';

/** One reason why a rebuild from offset zero would be silently wrong, or could not reach its end. */
export interface Refusal {
  readonly check: RefusalCheck;
  /** `topic`, `topic/partition`, or a subject, with its version when it is about one. */
  readonly where: string;
  /** What is so, and what that would do to the rebuild. */
  readonly reason: string;
  /** The way out, for an operator. */
  readonly remedy: string;
}
