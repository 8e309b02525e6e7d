import type { KeySample, ProjectionBuild } from '@millrace/projecting';
import type { Proof } from './prove-builds';

export type RunState = 'building' | 'proving' | 'review' | 'refused' | 'swapping' | 'done' | 'cancelled';

/**
 * `rebuild` makes a build that goes live when it is proven. `verify` makes one of the live version, compares it with the live
 * one, and gives it up.
 */
export type RunKind = 'rebuild' | 'verify';

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
  readonly kind: RunKind;
  readonly state: RunState;
  /** It waits for an operator's word before it is swapped, whatever the proof says. */
  readonly hold: boolean;
  /** The keys that are folded and compared, where it is not all of them. */
  readonly sample: KeySample | undefined;
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

/**
 * In SQL, what begins again when a paused `run` is resumed. A service of the release before would swap a verification, and a
 * rebuild that is to be held, as soon as it is proven: their states before that have names that it passes over.
 */
export const BUILDING = "(CASE WHEN kind = 'verify' OR hold THEN 'gathering' ELSE 'building' END)";

const NOT_SWAPPED = new Map<RunState, string>([
  ['building', 'gathering'],
  ['proving', 'comparing'],
]);

/** How the state of a run is written down. */
export function storedState({ kind, hold }: Pick<ReplayRun, 'kind' | 'hold'>, state: RunState): string {
  return (kind === 'verify' || hold ? NOT_SWAPPED.get(state) : undefined) ?? state;
}

/** Every way in which these states are written down. */
export function storedStates(states: readonly RunState[]): string[] {
  return [...states, ...states.flatMap((state) => NOT_SWAPPED.get(state) ?? [])];
}

/** The state that was written down. */
export function readState(stored: string): RunState {
  return [...NOT_SWAPPED].find(([, word]) => word === stored)?.[0] ?? (stored as RunState);
}

/** What holds, in SQL, of a `run` that is under way; a projection has one of each kind at most. */
export const RUN_IS_ACTIVE = "run.state NOT IN ('done', 'cancelled')";
