import type { SeededChoices } from '@millrace/testing';
import { FlightLanded } from '@millrace/contracts';
import type { Fault, FaultKind } from './fault';
import type { FaultsOptions } from './options';
import { serviceNames, SESSION_MS } from './services';

interface Recipe {
  readonly targets: readonly string[];
  /** Least and most time that it lasts. */
  readonly forMs: readonly [number, number];
  /** How often it is drawn, beside the others. */
  readonly weight: number;
}

const SERVERS = ['kafka', 'registry', 'postgres'];

/** The proxies through which something goes all the time. */
const BUSY_PROXIES = ['kafka-proxy', 'postgres-proxy'];
const PROXIES = [...BUSY_PROXIES, 'registry-proxy'];

/** All that happens among others; half of the suspensions are shorter than a session, half longer. */
const recipes: Readonly<Record<Exclude<FaultKind, 'partitions-added' | 'move-offset'>, Recipe>> = {
  kill: { targets: [...serviceNames, ...serviceNames, ...SERVERS], forMs: [100, 3_000], weight: 4 },
  suspend: { targets: [...serviceNames, ...SERVERS], forMs: [500, SESSION_MS - 2_500], weight: 2 },
  'suspend-long': { targets: serviceNames, forMs: [SESSION_MS + 1_500, SESSION_MS + 4_000], weight: 2 },
  'terminate-backends': { targets: ['postgres'], forMs: [0, 0], weight: 2 },
  churn: { targets: ['consumer', 'projection'], forMs: [6_000, 12_000], weight: 1 },
  'crash-point': {
    targets: [
      'position-moved',
      'effects-written',
      'position-committed',
      'position-copied',
      'epoch-taken',
      'record-acknowledged',
      'build-made',
      'view-replaced',
      'outbox-published',
      'outbox-marked',
      'record-parked',
      'queue-effects-written',
      'queue-drained',
    ],
    forMs: [0, 0],
    weight: 3,
  },
  'produce-response-lost': { targets: ['kafka-proxy'], forMs: [1_000, 3_000], weight: 3 },
  reset: { targets: PROXIES, forMs: [0, 0], weight: 2 },
  silence: { targets: PROXIES, forMs: [1_000, 5_000], weight: 2 },
  'half-open': { targets: PROXIES, forMs: [1_000, 5_000], weight: 2 },
  latency: { targets: PROXIES, forMs: [2_000, 5_000], weight: 1 },
  throttle: { targets: ['kafka-proxy'], forMs: [2_000, 5_000], weight: 1 },
  split: { targets: BUSY_PROXIES, forMs: [2_000, 5_000], weight: 1 },
  rebuild: { targets: ['ledgerLast', 'ledgerSum'], forMs: [0, 0], weight: 2 },
  'poison-key': { targets: ['ledger', 'outside'], forMs: [1_000, 6_000], weight: 2 },
  'poison-event': { targets: ['ledger', 'outside'], forMs: [0, 0], weight: 2 },
  'dependency-down': { targets: ['outside'], forMs: [2_000, 6_000], weight: 2 },
};

/** Where a process may die too when the topic has an idempotency window. */
const WINDOW_CRASH_POINTS = ['event-reserved', 'reservation-open'];

/** Faults begin this far apart; several may be under way at once. */
const BETWEEN_MS = [300, 3_500] as const;
/** What is published before the first fault, so that there is something to hurt. */
const CALM_MS = 1_500;

/** In so many runs partitions are added, if it was not asked for alone. */
const RUNS_WITH_MORE_PARTITIONS = 0.25;
/** Published on with other partitions. */
const MORE_PARTITIONS_MS = [5_000, 10_000] as const;

/** The faults of a run, in order: the same for the same seed, length and kinds. */
export function planFaults(
  random: SeededChoices,
  options: Pick<FaultsOptions, 'minutes' | 'kinds' | 'crashPoints'> & { readonly window?: boolean },
): Fault[] {
  const drawn = options.kinds
    .filter((kind) => kind !== 'partitions-added' && kind !== 'move-offset')
    .flatMap((kind) => Array.from({ length: recipes[kind].weight }, () => kind));
  const faults: Fault[] = [];
  const endMs = options.minutes * 60_000;
  for (let atMs = CALM_MS; drawn.length > 0; atMs += random.between(...BETWEEN_MS)) {
    const kind = drawn[random.between(0, drawn.length - 1)];
    if (kind === undefined || atMs >= endMs) break;
    const { targets: always, forMs } = recipes[kind];
    const isAtWindow = kind === 'crash-point' && options.window === true;
    const all = isAtWindow ? [...always, ...WINDOW_CRASH_POINTS, ...WINDOW_CRASH_POINTS] : always;
    const targets = (kind === 'crash-point' ? options.crashPoints : undefined) ?? all;
    const target = targets[random.between(0, targets.length - 1)] ?? '';
    const fault = { atMs, kind, target, forMs: random.between(...forMs) };
    if (kind !== 'silence') faults.push(fault);
    else faults.push({ ...fault, direction: random.pick(['toServer', 'toClient']) });
  }
  return faults;
}

/** What was added later is drawn by choices of its own, so that the others of a seed stay as they are. */
const additions = [
  { kind: 'move-offset', target: 'ledger' },
  { kind: 'move-offset', target: 'outside' },
  { kind: 'crash-point', target: 'queued-call-made' },
] as const;
/** They begin this far apart. */
const BETWEEN_ADDITIONS_MS = [8_000, 40_000] as const;

/** Faults that are done among the others of a run. */
export function planAdditions(
  random: SeededChoices,
  { minutes, kinds, crashPoints }: Pick<FaultsOptions, 'minutes' | 'kinds' | 'crashPoints'>,
): Fault[] {
  const points: readonly string[] | undefined = crashPoints;
  const wanted = additions.filter(
    ({ kind, target }) =>
      kinds.includes(kind) && (kind !== 'crash-point' || (points?.includes(target) ?? true)),
  );
  const faults: Fault[] = [];
  for (let atMs = random.between(...BETWEEN_ADDITIONS_MS); wanted.length > 0;) {
    if (atMs >= minutes * 60_000) break;
    faults.push({ atMs, ...random.pick(wanted), forMs: 0 });
    atMs += random.between(...BETWEEN_ADDITIONS_MS);
  }
  return faults;
}

/**
 * What is done after all others are over, if anything: nothing goes on from it. Takes choices of its own, so that the
 * others stay as they are.
 */
export function planLastFault(
  random: SeededChoices,
  { minutes, kinds }: { readonly minutes: number; readonly kinds: readonly FaultKind[] },
): Fault | undefined {
  if (!kinds.includes('partitions-added')) return undefined;
  if (kinds.length > 1 && !random.happens(RUNS_WITH_MORE_PARTITIONS)) return undefined;
  const forMs = random.between(...MORE_PARTITIONS_MS);
  return { atMs: minutes * 60_000, kind: 'partitions-added', target: FlightLanded.topic, forMs };
}
