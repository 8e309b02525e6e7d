/** One partition of a group as the consumer shows it. 64-bit numbers are text; `null` is what that process does not know. */
export interface GroupPartition {
  readonly topic: string;
  readonly partition: number;
  /** `elsewhere`: another process holds it, or nobody does. */
  readonly state: 'opening' | 'running' | 'waiting' | 'held' | 'halted' | 'stalled' | 'closed' | 'elsewhere';
  readonly reason?: string;
  readonly nextOffset: string;
  readonly logEnd: string;
  readonly lag: string;
  readonly lagSeconds: number | null;
  readonly recordsPerSecond: number | null;
  readonly parked: { readonly keys: number; readonly records: number; readonly dead: number };
}

/** One group as one process that hosts it shows it. */
export interface Group {
  readonly name: string;
  readonly kind: 'transactional' | 'external';
  readonly lagObjectiveSeconds: number | null;
  readonly state: 'starting' | 'joined' | 'rejoining' | 'stopped';
  readonly reason?: string;
  readonly partitions: readonly GroupPartition[];
  readonly breakers: Readonly<Record<string, 'closed' | 'half-open' | 'open'>>;
}

/** The partitions that stand still until somebody does something, or until a try succeeds. */
export function standingStill({ partitions }: Group): GroupPartition[] {
  return partitions.filter(({ state }) => state === 'held' || state === 'halted' || state === 'stalled');
}
