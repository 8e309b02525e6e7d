/** What the replay service answers, as JSON. 64-bit numbers are text; offsets are those of the log. */

export interface Build {
  readonly version: number;
  readonly build: number;
}

export interface Refusal {
  readonly check: string;
  /** A topic or a partition: `flights/3`. */
  readonly where: string;
  readonly reason: string;
  readonly remedy: string;
}

export interface Plan {
  readonly kind: string;
  readonly projection: string;
  readonly version: number;
  readonly sameLogic: boolean;
  /** The live build; null when there is none. */
  readonly replaces: Build | null;
  readonly events: string;
  /** What would be read: offsets from `from` up to `to`, which is not included. */
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly from: string;
    readonly to: string;
  }[];
  /** What was checked, as sentences. */
  readonly checks: readonly string[];
  readonly refusals: readonly Refusal[];
}

export type RunState = 'building' | 'proving' | 'review' | 'refused' | 'swapping' | 'done' | 'cancelled';

export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  readonly from: string;
  /** The next offset to fold. */
  readonly position: string;
  readonly target: string;
  /** Null while Kafka is away. */
  readonly logEnd: string | null;
  readonly state: 'unassigned' | 'running' | 'waiting' | 'held' | 'halted' | 'done' | 'cancelled';
  readonly reason?: string | null;
}

export interface Progress {
  readonly done: string;
  readonly total: string;
  readonly eventsPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly partitions: readonly PartitionProgress[];
}

export type Row = Readonly<Record<string, unknown>>;

export interface Proof {
  /** The rows are, and what is parked. */
  readonly equal: boolean;
  readonly sameLogic: boolean;
  /** The last record that both sides include, for each partition: `flights/0/122`. */
  readonly positions: readonly string[];
  readonly live: { readonly rows: string; readonly digest: string };
  readonly rebuilt: { readonly rows: string; readonly digest: string };
  /** Keys whose rows lack events on either side; releases before parked none. */
  readonly parked?: { readonly live: number; readonly rebuilt: number; readonly differing: number };
  readonly differing: {
    readonly keys: string;
    readonly onlyLive: string;
    readonly onlyRebuilt: string;
    readonly changed: string;
    /** In how many changed rows each column differs; releases before did not count it. */
    readonly columns?: Readonly<Record<string, string>>;
    readonly examples: readonly {
      readonly key: string;
      /** `flights/3`, of an aggregate's partial row. */
      readonly partition?: string;
      readonly live: Row | null;
      readonly rebuilt: Row | null;
    }[];
  };
}

export interface Swap {
  readonly at: string;
  readonly attempts: number;
  /** How long no side folded. */
  readonly pauseMs: number;
}

export interface Run {
  readonly id: number;
  readonly kind: string;
  /** Waits for an operator's word although it is proven. */
  readonly hold?: boolean;
  /** Of a verification: how much of the keys it looks at, where that is not all. */
  readonly sample?: { readonly share: number };
  readonly projection: string;
  readonly version: number;
  readonly build: number;
  readonly sameLogic: boolean;
  readonly replaces?: Build | null;
  readonly state: RunState;
  readonly paused: boolean;
  /** Why it stands still, was refused or was cancelled. */
  readonly reason?: string | null;
  readonly requestedAt: string;
  readonly finishedAt?: string | null;
  readonly progress: Progress;
  readonly proof?: Proof | null;
  readonly swap?: Swap | null;
}

/** An event that a build cannot fold. */
export interface ParkedEvent extends Build {
  readonly state: string;
  /** Null where its whole partition stands still. */
  readonly key: string | null;
  readonly position: string;
  readonly since: string;
  readonly reason: string;
  /** That wait, itself included. */
  readonly events: number;
  readonly retrying: boolean;
}

export interface Parked {
  readonly parked: readonly ParkedEvent[];
  readonly next?: string;
}

/** How much a verification looks at: a share of the keys, or about so many. */
export type Sample = { readonly share: number } | { readonly keys: number };

/** One build. What is optional, releases before did not tell. */
export interface BuildReport extends Build {
  readonly state: string;
  readonly sample?: { readonly share: number };
  readonly table: string;
  readonly createdAt: string;
  readonly lag: string | null;
  readonly lagSeconds?: number | null;
  readonly recordsPerSecond?: number | null;
  readonly tableBytes?: string | null;
  readonly rowsEstimated?: number | null;
  /** Keys whose events cannot be folded, and the events in their queues. */
  readonly parked?: { readonly keys: number; readonly events: number };
  readonly partitions?: readonly {
    readonly topic: string;
    readonly partition: number;
    readonly nextOffset: string;
    readonly logEnd: string | null;
    readonly lag: string | null;
    readonly lagSeconds: number | null;
    readonly state: string;
    /** Why it stands still. */
    readonly reason?: string;
  }[];
}

export interface Verification extends Build {
  readonly replay: number;
  readonly at: string;
  readonly equal: boolean;
  readonly rows: string;
  readonly keys: string;
  readonly share?: number;
  readonly positions: readonly string[];
  /** Only where one projection is shown. */
  readonly differing?: Proof['differing'];
}

export interface Projection {
  readonly name: string;
  readonly liveVersion: number | null;
  readonly liveBuild: number | null;
  readonly builds: readonly BuildReport[];
  /** What is under way. */
  readonly runs?: readonly Pick<Run, 'id' | 'kind' | 'state' | 'paused'>[];
  readonly lastVerification?: Verification | null;
}

/** What a projection is, without its code. */
export interface Definition {
  readonly kind: string;
  readonly keyName: string;
  readonly topics: readonly string[];
  readonly columns: readonly { readonly name: string; readonly type: string; readonly merge?: string }[];
  readonly indexes: readonly (readonly string[])[];
  readonly queryable: readonly string[];
  readonly foldedTypes: readonly string[];
  readonly ignoredTypes: readonly string[];
  readonly tombstones?: string;
  readonly latestWins: boolean;
}

export interface ProjectionDetails extends Projection {
  readonly versions: readonly { readonly version: number; readonly hostedNow: boolean }[];
  /** Of the version that is live. */
  readonly definition: Definition | null;
}

export interface Rollback {
  readonly projection: string;
  readonly live: Build;
  readonly previous: Build;
  readonly swap: Swap;
}

export interface Release {
  readonly projection: string;
  readonly released: Build;
}

/** An RFC 9457 problem with the members that the replay service adds. */
export interface Problem {
  readonly type: string;
  readonly title?: string;
  readonly status: number;
  readonly detail?: string;
  readonly retriable?: boolean;
  readonly refusals?: readonly Refusal[];
}
