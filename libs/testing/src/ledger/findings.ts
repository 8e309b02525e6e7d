/** What is examined, and the sentence that holds when nothing is found. */
export const INVARIANTS = {
  'acknowledged-in-log': 'every acknowledged event is in the log at its position',
  'only-sent-in-log': 'nothing that was refused or never sent is in the log',
  'once-in-log': 'a topic with an idempotency window has each event once',
  'one-effect': 'every event in the log has exactly one committed effect',
  'order-per-key': 'the log keeps the order of acknowledgements per key, and the effects that of the log',
  'consumed-once': 'what was consumed is done, parked or dead, each once',
  'positions-pass-nothing': 'no stored position passes unfinished work',
  'called-for': 'every event in the log was called for, under an idempotency key of its own',
  'calls-in-order':
    'calls of a key have the order of the log, also for who refuses a fencing token that is lower than the last',
  'nothing-parked': 'when all is healed nothing stays parked, and nothing is a dead letter',
  'equal-folds': 'every build of the read models equals a fold of the log',
  'shown-is-live': 'readers are shown the live build at every moment, and it never goes back',
  'rebuilds-end': 'every rebuild that was begun has ended, proven equal',
  'settled-again': 'every lag is zero within 60 s of the last fault, and memory is level',
  'faults-happened': 'every scheduled fault happened',
} as const;

export type Invariant = keyof typeof INVARIANTS;

/** What one invariant found; it holds when both lists are empty. */
export interface Findings {
  readonly invariant: Invariant;
  /** What has to be there and is not, mostly ids of events; each as often as it is short. */
  readonly missing: readonly string[];
  /** What is there and must not be; each as often as it is too many. */
  readonly extra: readonly string[];
  /** The first offending interleaving, as lines for people; absent when there is none to show. */
  readonly first?: readonly string[];
}

/** True when nothing was found by any invariant. */
export function isClean(all: readonly Findings[]): boolean {
  return all.every(({ missing, extra }) => missing.length === 0 && extra.length === 0);
}

const SHOWN = 20;

/** All findings as lines for people: one for each invariant, and what is wrong under those that do not hold. */
export function describeFindings(all: readonly Findings[]): string[] {
  return all.flatMap(({ invariant, missing, extra, first = [] }) => {
    if (missing.length + extra.length === 0) return [`✓ ${INVARIANTS[invariant]}`];
    return [
      `✗ ${INVARIANTS[invariant]} (${invariant})`,
      ...listed('missing', missing),
      ...listed('extra', extra),
      ...first.map((line) => `    ${line}`),
    ];
  });
}

function listed(name: string, ids: readonly string[]): string[] {
  if (ids.length === 0) return [];
  const more = ids.length > SHOWN ? `, and ${ids.length - SHOWN} more` : '';
  return [`  ${name} ${ids.length}: ${ids.slice(0, SHOWN).join(', ')}${more}`];
}
