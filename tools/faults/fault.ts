import type { Direction } from '@millrace/testing';

/** What can be done to the platform. */
export const faultKinds = [
  'kill',
  'suspend',
  'suspend-long',
  'terminate-backends',
  'churn',
  'crash-point',
  'produce-response-lost',
  'reset',
  'silence',
  'half-open',
  'latency',
  'throttle',
  'split',
  'rebuild',
  'poison-key',
  'poison-event',
  'dependency-down',
  'partitions-added',
  'move-offset',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/**
 * A fault that nothing has met goes on for so long: others happen at the same time, and what it needs may be away.
 */
export const HAPPENS_WITHIN_MS = 240_000;

/** One fault of a schedule. */
export interface Fault {
  readonly atMs: number;
  readonly kind: FaultKind;
  /** A process, a server, a proxy, a crash point, a read model, a consumer group or a topic. */
  readonly target: string;
  /** How long it lasts, where it does. */
  readonly forMs: number;
  /** Which way nothing goes, where that is chosen. */
  readonly direction?: Direction;
}

/** `12.3 s  kill kafka for 1.2 s`. */
export function describeFault({ atMs, kind, target, forMs, direction }: Fault): string {
  const at = `${(atMs / 1_000).toFixed(1)} s`.padStart(8);
  return `${at}  ${kind} ${target}${direction === undefined ? '' : ` ${direction}`}${forMs === 0 ? '' : ` for ${(forMs / 1_000).toFixed(1)} s`}`;
}

/** Whom a fault hurts: two faults of one are not under way at once. */
export function hurtBy({ kind, target }: Fault): readonly string[] {
  // A group has to be empty for it.
  if (kind === 'move-offset') return ['consumer', 'consumer-2'];
  return [(kind === 'crash-point' ? dyingInPlaceOf(target) : undefined) ?? target];
}

/** The service in whose place one dies at a crash point; undefined for a reader, which joins those that are there. */
export function dyingInPlaceOf(crashPoint: string): 'producer-2' | 'replay' | undefined {
  switch (crashPoint) {
    case 'record-acknowledged':
    case 'outbox-published':
    case 'outbox-marked':
    case 'event-reserved':
    case 'reservation-open':
      return 'producer-2';
    case 'build-made':
    case 'view-replaced':
      return 'replay';
    default:
      return undefined;
  }
}
