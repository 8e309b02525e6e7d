import { formatPosition } from '@millrace/event';
import type { AsideRecord, Evidence } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';

/**
 * Nothing is left behind a fence, and nothing became a dead letter: whatever made handlers fail is healed. Extra: what is left,
 * as `reader: id (how it failed)`.
 */
export function nothingParked(
  evidence: Pick<Evidence, 'attempts' | 'log' | 'effects' | 'calls' | 'parked' | 'dead'>,
): Findings {
  const { parked, dead, log } = evidence;
  const [first] = [...parked, ...dead];
  const key = first === undefined ? undefined : log.find(({ id }) => id === first.id)?.key;
  return {
    invariant: 'nothing-parked',
    missing: [],
    extra: [...parked.map((each) => describe(each, 'parked')), ...dead.map((each) => describe(each, 'dead'))],
    ...(key === undefined ? {} : { first: interleaving(evidence, key, first?.id) }),
  };
}

function describe(aside: AsideRecord, state: string): string {
  const { reader, id, failure } = aside;
  return `${reader}: ${id ?? formatPosition(aside)} (${state}${failure === null ? '' : `: ${failure}`})`;
}
