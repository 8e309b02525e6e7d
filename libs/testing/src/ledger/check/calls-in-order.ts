import { formatTopicPartition } from '@millrace/event';
import type { Call, Evidence } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';

/**
 * Per key and partition, by the first call for each event:
 * - calls have the order of the log, whoever makes them;
 * - for somebody who refuses a call whose fencing token is lower than the highest it has seen for the key, none is missing,
 *   they have the order of the log, and the token of each is higher than that of the event before.
 * An owner that was replaced may make late calls with a low token, for events that its successor has not come to yet: that is
 * what the token is for. Missing: ids of events all of whose calls are refused so. Extra: ids of events that came too late.
 */
export function callsInOrder(evidence: Pick<Evidence, 'attempts' | 'log' | 'calls'>): Findings {
  const inOrder = evidence.calls.toSorted((a, b) => (a.number < b.number ? -1 : 1));
  const lanes = [...Map.groupBy(inOrder, (call) => `${formatTopicPartition(call)}\n${call.key}`).values()];
  const judged = lanes.map((calls) => {
    const first = firstOfEach(calls);
    const accepted = firstOfEach(notRefused(calls));
    const seen = new Set(accepted.map(({ id }) => id));
    const late = lateCalls(first);
    return {
      refused: first.filter(({ id }) => !seen.has(id)),
      late,
      lateWhenFenced: lateCalls(accepted).filter(({ id }) => !late.some((each) => each.id === id)),
      unfenced: accepted.filter(
        (call, index) => call.fencingToken <= (accepted[index - 1]?.fencingToken ?? ''),
      ),
    };
  });
  const refused = judged.flatMap((each) => each.refused);
  const late = judged.flatMap((each) => each.late);
  const lateWhenFenced = judged.flatMap((each) => each.lateWhenFenced);
  const unfenced = judged.flatMap((each) => each.unfenced);
  const [found] = [...refused, ...late, ...lateWhenFenced, ...unfenced];
  return {
    invariant: 'calls-in-order',
    missing: refused.map(({ id }) => id),
    extra: [
      ...late.map(({ id }) => id),
      ...lateWhenFenced.map(({ id }) => `${id} for who refuses lower tokens`),
      ...unfenced.map(({ id }) => `${id} under a token that is not above the one before`),
    ],
    ...(found === undefined ? {} : { first: interleaving(evidence, found.key, found.id) }),
  };
}

function firstOfEach(calls: readonly Call[]): Call[] {
  const seen = new Set<string>();
  return calls.filter(({ id }) => !seen.has(id) && seen.add(id));
}

function notRefused(calls: readonly Call[]): Call[] {
  let highest = '';
  return calls.filter(({ fencingToken }) => {
    if (fencingToken < highest) return false;
    highest = fencingToken;
    return true;
  });
}

function lateCalls(calls: readonly Call[]): Call[] {
  let before = -1n;
  return calls.filter(({ offset }) => {
    const isLate = offset < before;
    if (offset > before) before = offset;
    return isLate;
  });
}
