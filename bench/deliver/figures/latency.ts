import { Program } from '../../program';
import { runRace } from '../../run-figure';
import type { Beside } from '../contestants/beside';
import { consumerProgram } from '../contestants/consumer-program';
import { millraceGroup } from '../contestants/millrace-group';
import type { DeliverFigure } from '../deliver';
import type { DeliverStack } from '../deliver-stack';

const PER_SECOND = 1_000;
const COUNTING = { warmUp: 5_000, counted: 10_000 };
/** Longer than the counted ones take: whoever reads from the end of the log may miss the first. */
const SECONDS = 30;

/** How long an event takes from its producer to a handler while a thousand a second come in. */
export const latency: DeliverFigure = {
  name: 'latency',
  what: 'p50 and p99 from the producer to the handler at 1,000 events/s, beside kafkajs',
  run: async (stack, { rounds }, print) => {
    const { brokers, registryUrl, topic } = stack;
    const input = { brokers, registryUrl, topic, ...COUNTING };
    const whileReading = (): Promise<Beside> => steadyLoad(stack);
    const ours = millraceGroup({
      ...{ stack, group: 'latency', counting: COUNTING, whileReading },
      settings: 'the consumer service, by default settings',
    });
    const peers = [
      consumerProgram({
        ...{ name: 'kafkajs', program: 'kafkajs-arrivals', whileReading, input: { ...input, tuned: true } },
        settings:
          'eachBatch over the same records, avsc decodes each value; 3 partitions at once, a commit every 5 s',
      }),
      consumerProgram({
        ...{ name: 'kafkajs-defaults', program: 'kafkajs-arrivals', whileReading },
        ...{ input: { ...input, tuned: false } },
        settings: 'the same by default settings: one partition at a time, a commit after each batch',
      }),
    ];
    const metrics = [
      { key: 'p50', name: 'delivery-latency-p50', unit: 'ms' },
      { key: 'p99', name: 'delivery-latency-p99', unit: 'ms' },
    ];
    const title = `Latency: ${PER_SECOND.toLocaleString('en-US')} events/s, one a send; ${COUNTING.counted.toLocaleString('en-US')} events after ${COUNTING.warmUp.toLocaleString('en-US')} that warm up, from kafkajs's send to the call of the handler`;
    return runRace({ title, metrics, ours, peers, warmUpRounds: 0 }, { rounds, print });
  },
};

/** Resolves when it has begun. */
async function steadyLoad({ brokers, registryUrl, topic }: DeliverStack): Promise<Beside> {
  const load = await Program.start('deliver/programs/steady-load.js', {
    ...{ brokers, registryUrl, topic, perSecond: PER_SECOND, seconds: SECONDS },
  });
  const failed = load.round().then(() => {
    throw new Error(`not all were counted ${SECONDS} s after the load had begun`);
  });
  // Ended by force, it fails too, and nobody minds.
  failed.catch(() => undefined);
  return { failed, end: () => load.close() };
}
