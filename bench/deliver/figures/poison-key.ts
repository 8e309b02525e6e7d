import { runRace } from '../../run-figure';
import { millraceGroup } from '../contestants/millrace-group';
import type { DeliverFigure } from '../deliver';
import { SINCE_VARIABLE } from '../groups/counted-here';
import { countingOf } from '../handled';
import { KEYS } from '../keys';

const FEWER = 5;

/** What a key that always fails costs the others. */
export const poisonKey: DeliverFigure = {
  name: 'poison-key',
  what: `events/s of the other keys while one key in ${KEYS} always fails, beside the same without it`,
  run: async (stack, { events, rounds }, print) => {
    const counting = countingOf(Math.ceil(events / FEWER));
    // A thousandth of them is not counted.
    const since = await stack.fillKeyed(Math.ceil((counting.warmUp + counting.counted) * (1 + 2 / KEYS)));
    const group = (name: string, isPoisoned: boolean, settings: string) =>
      millraceGroup({
        ...{ stack, name, group: 'poison', counting, settings },
        variables: { [SINCE_VARIABLE]: since, BENCH_POISONED: String(isPoisoned) },
      });
    const ours = group(
      'millrace',
      true,
      'the consumer service, by default settings; one upsert an event; one key fails from the end of the warm-up on',
    );
    const peers = [group('millrace-healthy', false, 'the same, and no key fails')];
    const metrics = [{ key: 'rate', name: 'poison-key', unit: 'events/s' }];
    const title = `One poison key in ${KEYS.toLocaleString('en-US')}: ${counting.counted.toLocaleString('en-US')} events of the other keys after ${counting.warmUp.toLocaleString('en-US')} that warm up`;
    return runRace({ title, metrics, ours, peers, warmUpRounds: 0 }, { rounds, print });
  },
};
