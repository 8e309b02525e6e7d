import { formatPosition } from '@millrace/event';
import type { Attempt, Outcome } from './attempt';
import type { Call, Effect, Evidence, LedgerRecord } from './evidence';

interface Happening {
  readonly atMs: number;
  readonly id: string | null;
  readonly text: string;
}

const AROUND = 12;

/**
 * What happened to one key, a line each in the order of time: attempts, their outcomes, records, effects and calls. Only those
 * close to what happened to the event `about`, when that is given; what is left out is counted.
 */
export function interleaving(
  evidence: Partial<Pick<Evidence, 'attempts' | 'log' | 'effects' | 'calls'>>,
  key: string | null,
  about?: string | null,
): string[] {
  const { attempts = [], log = [], effects = [], calls = [] } = evidence;
  const all = [
    ...attempts.filter((attempt) => attempt.key === key).flatMap(ofAttempt),
    ...log.filter((record) => record.key === key).map(ofRecord),
    ...effects.filter((effect) => effect.key === key).map(ofEffect),
    ...calls.filter((call) => call.key === key).map(ofCall),
  ].toSorted((a, b) => a.atMs - b.atMs);
  const wanted = all.flatMap(({ id }, index) => (about === undefined || id === about ? [index] : []));
  const from = Math.max(0, (wanted[0] ?? 0) - AROUND);
  const to = Math.min(all.length, (wanted[0] ?? 0) + 2 * AROUND, (wanted.at(-1) ?? 0) + AROUND + 1);
  return [
    `key ${key ?? '(none)'}`,
    ...(from > 0 ? [`… ${from} before`] : []),
    ...all.slice(from, to).map(({ atMs, text }) => `${new Date(atMs).toISOString().slice(11, 23)} ${text}`),
    ...(to < all.length ? [`… ${all.length - to} after`] : []),
  ];
}

function ofAttempt({ n, id, seq, kind, way, sentAt, at, outcome }: Attempt): Happening[] {
  const sent = { atMs: sentAt, id, text: `sent     #${n} ${id} seq ${seq} (${kind}, ${way})` };
  if (at === undefined) return [{ ...sent, text: `${sent.text}, outcome never written` }];
  return [sent, { atMs: at, id, text: `answered #${n} ${id} ${describeOutcome(outcome)}` }];
}

function describeOutcome(outcome: Outcome): string {
  if (outcome.outcome === 'acknowledged')
    return outcome.position === undefined ? 'committed' : `acknowledged at ${outcome.position}`;
  if (outcome.outcome === 'refused') return `refused: ${outcome.status} ${outcome.type}`;
  return `unknown: ${outcome.reason}`;
}

function ofRecord(record: LedgerRecord): Happening {
  const { id, seq, attempt, atMs } = record;
  const by = attempt === null ? 'of no attempt' : `of #${attempt}`;
  return {
    atMs,
    id,
    text: `record   ${id ?? '(no id)'} seq ${seq ?? '?'} ${by} at ${formatPosition(record)}`,
  };
}

function ofEffect(effect: Effect): Happening {
  const { atMs, id, seq, number } = effect;
  return { atMs, id, text: `effect   ${number} ${id} seq ${seq} of ${formatPosition(effect)}` };
}

function ofCall(call: Call): Happening {
  const { atMs, id, seq, number, attempt, fencingToken } = call;
  const text = `call     ${number} ${id} seq ${seq} try ${attempt} token ${shortOf(fencingToken)} of ${formatPosition(call)}`;
  return { atMs, id, text };
}

/** Epoch and offset, without the zeros before them. */
function shortOf(token: string): string {
  return [token.slice(0, 16), token.slice(16)].map((part) => part.replace(/^0+(?=.)/, '')).join('.');
}
