import { runRace } from '../../run-figure';
import { CALL_MS } from '../call-ms';
import { consumerProgram } from '../contestants/consumer-program';
import { millraceGroup } from '../contestants/millrace-group';
import type { DeliverFigure } from '../deliver';
import { SINCE_VARIABLE } from '../groups/counted-here';
import { countingOf } from '../handled';
import { KEYS } from '../keys';
import { CONCURRENCY } from '../programs/consume';

const FEWER = 10;
/** Sequential handlers come to less than two hundred a second. */
const FEWEST = 200;

/** What a handler that waits for the outside is worth when keys do not wait for each other. */
export const external: DeliverFigure = {
  name: 'external',
  what: `events/s with a handler that waits ${CALL_MS} ms, over ${KEYS} keys, beside kafkajs’s eachMessage`,
  run: async (stack, { events, rounds }, print) => {
    const counting = countingOf(Math.ceil(events / FEWER));
    const few = countingOf(Math.ceil(events / FEWEST));
    const since = await stack.fillKeyed(counting.warmUp + counting.counted);
    const { brokers, registryUrl, keyedTopic } = stack;
    const input = { brokers, registryUrl, topic: keyedTopic, ...few };
    const ours = millraceGroup({
      ...{ stack, group: 'external', counting, variables: { [SINCE_VARIABLE]: since } },
      settings: 'the consumer service, an external group by default settings: 64 keys of a partition at once',
    });
    const eachMessage = (name: string, concurrency: number, settings: string) =>
      consumerProgram({ name, settings, program: 'kafkajs-calls', input: { ...input, concurrency } });
    const peers = [
      eachMessage('kafkajs-sequential', 1, 'eachMessage by default settings: one record after the other'),
      eachMessage('kafkajs-concurrent', CONCURRENCY, `the same, ${CONCURRENCY} partitions at once`),
    ];
    const metrics = [
      { key: 'rate', name: 'external', unit: 'events/s' },
      { key: 'cpu', name: 'external-processor', unit: 'µs of processor an event' },
    ];
    const title = `External handler: ${CALL_MS} ms of waiting an event, ${KEYS.toLocaleString('en-US')} keys, ${counting.counted.toLocaleString('en-US')} events after ${counting.warmUp.toLocaleString('en-US')} that warm up, and ${few.counted.toLocaleString('en-US')} after ${few.warmUp.toLocaleString('en-US')} for the peers`;
    return runRace({ title, metrics, ours, peers, warmUpRounds: 0 }, { rounds, print });
  },
};
