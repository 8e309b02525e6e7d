import { runRace } from '../../run-figure';
import { Program } from '../../program';
import type { ProjectFigure } from '../project';
import { ReadModel } from '../read-model';

const PER_SECOND = 1_000;
const WARM_UP_SECONDS = 3;
const SECONDS = 10;
/** Rows that are there before: enough that the table is none of a few pages. */
const MOST_EVENTS = 600_000;

/** How long it takes from the acknowledgement of an event until a reader sees it. */
export const visible: ProjectFigure = {
  name: 'visible',
  what: 'p50 and p99 from the producer’s acknowledgement to the row, asked for with at-least, at 1,000 events/s',
  run: async (stack, { rounds }, print) => {
    await stack.fill(Math.min(stack.events, MOST_EVENTS));
    const readModel = await ReadModel.start(stack, { projection: 'flight' });
    const producer = await stack.startService('producer', {});
    const load = await Program.start('project/programs/visible-load.js', {
      ...{ producerUrl: producer.url, modelUrl: readModel.url },
      ...{ perSecond: PER_SECOND, warmUpSeconds: WARM_UP_SECONDS, seconds: SECONDS },
    });
    try {
      await readModel.caughtUp(await stack.logEnd());
      const ours = {
        name: 'millrace',
        settings: `the producer and the projection service, by default settings; one event a request; GET …/flight/<key>?at-least=<position> is sent as soon as the event is acknowledged, until its answer is read`,
        round: () => load.round(),
        close: () => Promise.resolve(),
      };
      const metrics = [
        { key: 'p50', name: 'visible-p50', unit: 'ms' },
        { key: 'p99', name: 'visible-p99', unit: 'ms' },
      ];
      const title = `Visible: ${PER_SECOND.toLocaleString('en-US')} events/s for ${SECONDS} s, after ${WARM_UP_SECONDS} s that warm up`;
      await runRace({ title, metrics, ours, peers: [], warmUpRounds: 1 }, { rounds, print });
    } finally {
      await load.close();
      await producer.process.stop();
      await readModel.close();
    }
  },
};
