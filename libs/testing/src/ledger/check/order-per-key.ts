import { formatTopicPartition } from '@millrace/event';
import type { Attempt } from '../attempt';
import type { Effect, Evidence, LedgerRecord } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';

/** When an event was first sent and acknowledged, as lines of the attempts file. */
interface Course {
  readonly sentLine: number;
  readonly acknowledgedLine: number;
  /** No attempt before the acknowledgement was unknown: its record can only be the acknowledged one. */
  readonly isCertain: boolean;
}

/**
 * Per key and partition, by the first record and the first effect of each event:
 * - events that were never unknown lie in the log in the order of their acknowledgements;
 * - whatever was acknowledged before another event was first sent lies before that one;
 * - effects have the order of the log.
 * Extra: the ids of the events that came too late, behind one that they precede. An unknown event may lie anywhere
 * between its first attempt and its acknowledgement, and a repeat anywhere: that is what was declared.
 */
export function orderPerKey(evidence: Pick<Evidence, 'attempts' | 'log' | 'effects'>): Findings {
  const courses = coursesOf(evidence.attempts);
  const firstRecords = [...firstOfEach(evidence.log).values()];
  const lateInLog = [...byKey(firstRecords).values()].flatMap((records) => lateRecords(records, courses));
  const inOrder = evidence.effects.toSorted((a, b) => (a.number < b.number ? -1 : 1));
  const firstEffects = [...firstOfEach(inOrder).values()];
  const lateInEffects = [...byKey(firstEffects).values()].flatMap(lateEffects);
  const late = [...lateInLog, ...lateInEffects];
  const [first] = late;
  return {
    invariant: 'order-per-key',
    missing: [],
    extra: late.map(({ id }) => String(id)),
    ...(first === undefined ? {} : { first: interleaving(evidence, first.key, first.id) }),
  };
}

function coursesOf(attempts: readonly Attempt[]): Map<string, Course> {
  const courses = new Map<string, Course>();
  for (const { id, outcome, sentLine, outcomeLine } of attempts) {
    const before = courses.get(id) ?? { sentLine, acknowledgedLine: Infinity, isCertain: true };
    if (before.acknowledgedLine < Infinity) continue;
    courses.set(id, {
      sentLine: before.sentLine,
      acknowledgedLine: outcome.outcome === 'acknowledged' ? outcomeLine : Infinity,
      isCertain: before.isCertain && outcome.outcome !== 'unknown',
    });
  }
  return courses;
}

function lateRecords(records: readonly LedgerRecord[], courses: ReadonlyMap<string, Course>): LedgerRecord[] {
  let sentBefore = -1;
  let acknowledgedBefore = -1;
  return records.filter(({ id }) => {
    const course = courses.get(String(id));
    if (course === undefined) return false;
    const { sentLine, acknowledgedLine } = course;
    const isCertain = course.isCertain && acknowledgedLine < Infinity;
    const isLate = acknowledgedLine < sentBefore || (isCertain && acknowledgedLine < acknowledgedBefore);
    sentBefore = Math.max(sentBefore, sentLine);
    if (isCertain) acknowledgedBefore = Math.max(acknowledgedBefore, acknowledgedLine);
    return isLate;
  });
}

function lateEffects(effects: readonly Effect[]): Effect[] {
  let before = -1n;
  return effects.filter(({ offset }) => {
    const isLate = offset < before;
    if (offset > before) before = offset;
    return isLate;
  });
}

type Keyed = Pick<LedgerRecord, 'topic' | 'partition' | 'key' | 'id'>;

function firstOfEach<Item extends Keyed>(items: readonly Item[]): Map<string, Item> {
  const first = new Map<string, Item>();
  for (const item of items) {
    const identity = `${formatTopicPartition(item)}\n${item.id}`;
    if (!first.has(identity)) first.set(identity, item);
  }
  return first;
}

function byKey<Item extends Keyed>(items: readonly Item[]): Map<string, Item[]> {
  return Map.groupBy(items, (item) => `${formatTopicPartition(item)}\n${item.key}`);
}
