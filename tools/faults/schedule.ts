import type { SeededChoices } from '@millrace/testing';
import type { Fault, FaultKind } from './fault';

interface Recipe {
  readonly targets: readonly string[];
  /** Least and most time that it lasts. */
  readonly forMs: readonly [number, number];
  /** How often it is drawn, beside the others. */
  readonly weight: number;
}

const SERVICES = ['producer', 'producer-2', 'consumer', 'consumer-2', 'projection', 'projection-2', 'replay'];
const SERVERS = ['kafka', 'registry', 'postgres'];

/** Sessions are 6 s long: half of the suspensions are shorter, half longer. */
export const SESSION_MS = 6_000;

const recipes: Readonly<Record<FaultKind, Recipe>> = {
  kill: { targets: [...SERVICES, ...SERVICES, ...SERVERS], forMs: [100, 3_000], weight: 4 },
  suspend: { targets: [...SERVICES, ...SERVERS], forMs: [500, SESSION_MS - 2_500], weight: 2 },
  'suspend-long': { targets: SERVICES, forMs: [SESSION_MS + 1_500, SESSION_MS + 4_000], weight: 2 },
  'terminate-backends': { targets: ['postgres'], forMs: [0, 0], weight: 2 },
  churn: { targets: ['consumer', 'projection'], forMs: [6_000, 12_000], weight: 1 },
  'crash-point': {
    targets: [
      'position-moved',
      'effects-written',
      'position-committed',
      'epoch-taken',
      'record-acknowledged',
    ],
    forMs: [0, 0],
    weight: 3,
  },
  'produce-response-lost': { targets: ['kafka-proxy'], forMs: [1_000, 3_000], weight: 3 },
  reset: { targets: ['kafka-proxy', 'postgres-proxy'], forMs: [0, 0], weight: 2 },
  silence: { targets: ['kafka-proxy', 'postgres-proxy'], forMs: [1_000, 5_000], weight: 2 },
  latency: { targets: ['kafka-proxy', 'postgres-proxy'], forMs: [2_000, 5_000], weight: 1 },
  throttle: { targets: ['kafka-proxy'], forMs: [2_000, 5_000], weight: 1 },
  split: { targets: ['kafka-proxy', 'postgres-proxy'], forMs: [2_000, 5_000], weight: 1 },
  rebuild: { targets: ['ledgerLast', 'ledgerSum'], forMs: [0, 0], weight: 2 },
};

/** Faults begin this far apart; several may be under way at once. */
const BETWEEN_MS = [300, 3_500] as const;
/** What is published before the first fault, so that there is something to hurt. */
const CALM_MS = 1_500;

/** The faults of a run, in order: the same for the same seed, length and kinds. */
export function planFaults(
  random: SeededChoices,
  options: { readonly minutes: number; readonly kinds: readonly FaultKind[] },
): Fault[] {
  const drawn = options.kinds.flatMap((kind) => Array.from({ length: recipes[kind].weight }, () => kind));
  const faults: Fault[] = [];
  const endMs = options.minutes * 60_000;
  for (let atMs = CALM_MS; drawn.length > 0; atMs += random.between(...BETWEEN_MS)) {
    const kind = drawn[random.between(0, drawn.length - 1)];
    if (kind === undefined || atMs >= endMs) break;
    const { targets, forMs } = recipes[kind];
    const target = targets[random.between(0, targets.length - 1)] ?? '';
    faults.push({ atMs, kind, target, forMs: random.between(...forMs) });
  }
  return faults;
}
