import type { ProjectionBuild } from '@millrace/projecting';
import type { Proof } from './prove-builds';

export type RunState = 'building' | 'proving' | 'review' | 'refused' | 'swapping' | 'done' | 'cancelled';

/** What a run was begun with; offsets are text. */
export interface RunPlan {
  readonly sameLogic: boolean;
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    /** The first offset that is read. */
    readonly from: string;
    /** Where the live build stood when it was planned. */
    readonly to: string;
  }[];
}

export interface Swap {
  /** ISO 8601. */
  readonly at: string;
  readonly attempts: number;
  /** How long folding was held. */
  readonly pauseMs: number;
}

export interface ReplayRun {
  readonly id: number;
  readonly kind: 'rebuild';
  readonly state: RunState;
  readonly paused: boolean;
  readonly build: ProjectionBuild;
  /** The build that was live when it began. */
  readonly replaces: ProjectionBuild;
  readonly plan: RunPlan;
  readonly reason: string | undefined;
  readonly proof: Proof | undefined;
  readonly swap: Swap | undefined;
  readonly requestedAt: Date;
  readonly finishedAt: Date | undefined;
}

/** What holds, in SQL, of a `run` that is under way; a projection has one at most. */
export const RUN_IS_ACTIVE = "run.state NOT IN ('done', 'cancelled')";
