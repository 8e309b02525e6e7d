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
  'latency',
  'throttle',
  'split',
  'rebuild',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** One fault of a schedule. */
export interface Fault {
  readonly atMs: number;
  readonly kind: FaultKind;
  /** A process, a server, a proxy or a crash point. */
  readonly target: string;
  /** How long it lasts, where it does. */
  readonly forMs: number;
}

/** `12.3 s  kill kafka for 1.2 s`. */
export function describeFault({ atMs, kind, target, forMs }: Fault): string {
  const at = `${(atMs / 1_000).toFixed(1)} s`.padStart(8);
  return `${at}  ${kind} ${target}${forMs === 0 ? '' : ` for ${(forMs / 1_000).toFixed(1)} s`}`;
}

/** Whom a fault hurts: two faults of one are not under way at once. */
export function hurtBy({ kind, target }: Fault): string {
  // The producer that dies at its crash point stands in the second one's place.
  return kind === 'crash-point' && target === 'record-acknowledged' ? 'producer-2' : target;
}
