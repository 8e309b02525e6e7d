import { setTimeout as sleep } from 'node:timers/promises';
import type { Contestant } from '../../figure';
import { Program } from '../../program';
import { runRace } from '../../run-figure';
import type { ProjectFigure } from '../project';
import { ReadModel } from '../read-model';

const PER_SECOND = 1_000;
const READERS = 4;
/** Before the rebuild begins, and after the swap. */
const AROUND_MS = 2_000;
/** How long the same is watched without a rebuild. */
const QUIET_MS = 15_000;

/** What readers and writers notice of a rebuild and its swap. */
export const swapPause: ProjectFigure = {
  name: 'swap-pause',
  what: 'the longest gap in ms that readers and the live model have in a rebuild and its swap, at 1,000 events/s',
  run: async (stack, { rounds }, print) => {
    await stack.fill();
    const readModel = await ReadModel.start(stack, { projection: 'flight' });
    const producer = await stack.startService('producer', {});
    const watch = await Program.start('project/programs/swap-watch.js', {
      ...{ producerUrl: producer.url, modelUrl: readModel.url, databaseUrl: readModel.database.url },
      ...{ projection: 'flight', perSecond: PER_SECOND, readers: READERS },
      ...{ flights: stack.events / 2, ofAll: stack.events / 2 },
    });
    const during = async (happens: () => Promise<number>) => {
      const round = watch.round();
      // What ends first, it or the rebuild, is thrown; the other one is then nobody's.
      round.catch(() => undefined);
      await sleep(AROUND_MS);
      const held = await happens();
      await sleep(AROUND_MS);
      watch.finish();
      return { ...(await round), ...(Number.isNaN(held) ? {} : { held }) };
    };
    try {
      await readModel.caughtUp(await stack.logEnd());
      const ours: Contestant = {
        name: 'millrace',
        settings: `the producer, projection and replay services, by default settings; ${READERS} readers by key, one request after the other; the whole rebuild, its proof and its swap`,
        round: () => during(() => readModel.rebuildUnderLoad()),
        close: () => Promise.resolve(),
      };
      const quiet: Contestant = {
        name: 'no-rebuild',
        settings: `the same load for ${QUIET_MS / 1_000} s without a rebuild`,
        round: () => during(() => sleep(QUIET_MS, Number.NaN)),
        close: () => Promise.resolve(),
      };
      const metrics = [
        { key: 'readerGap', name: 'swap-pause-reader', unit: 'ms' },
        { key: 'writerGap', name: 'swap-pause-writer', unit: 'ms' },
        { key: 'held', name: 'swap-pause-held', unit: 'ms' },
        { key: 'reads', name: 'swap-failed-reads', unit: 'requests' },
        { key: 'writes', name: 'swap-failed-writes', unit: 'requests' },
        { key: 'backwards', name: 'swap-position-backwards', unit: 'times' },
      ];
      const title = `Swap: ${PER_SECOND.toLocaleString('en-US')} events/s come in; the longest time between two answers that a reader gets, and in which the position of the live model does not move (-writer)`;
      await runRace({ title, metrics, ours, peers: [quiet], warmUpRounds: 0 }, { rounds, print });
    } finally {
      await watch.close();
      await producer.process.stop();
      await readModel.close();
    }
  },
};
