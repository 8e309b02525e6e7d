import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMemoryReport, reportMemory, waitFor } from '@millrace/testing';
import { benchLine } from '../../figure';
import { Program } from '../../program';
import type { PublishFigure } from '../publish';

const MILLION = 1_000_000;
const AFTER = [1, 5];
const STREAMS = 2;
const MIB = 1_024 * 1_024;

/** What the producer holds after a million events and after five, when its garbage is collected. */
export const memory: PublishFigure = {
  name: 'memory',
  what: 'MiB that the producer holds after 1 million events, and after 5 million',
  run: async (stack, _options, print) => {
    print(
      `Memory: heap and buffers of the producer service after a collection; by default settings; ${STREAMS} streams of a million flight events each time`,
    );
    const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-memory-'));
    const file = join(directory, 'memory.ndjson');
    const { url, process } = await stack.startProducer(reportMemory('producer', file));
    const load = await Program.start('publish/programs/ndjson-load.js', {
      ...{ url, events: MILLION, streams: STREAMS },
    });
    try {
      for (let millions = 1; millions <= Math.max(...AFTER); millions++) {
        await load.round();
        const ours = await heldMiB(file);
        print(`  after ${millions} million: ${ours} MiB`);
        if (!AFTER.includes(millions)) continue;
        const name = `memory-after-${millions}-million`;
        print(benchLine({ name, unit: 'MiB', ours, peers: {}, ratio: {} }));
      }
    } finally {
      await load.close();
      await process.stop();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

/** What is held at the first report from now on. */
async function heldMiB(file: string): Promise<number> {
  const from = Date.now();
  const { bytes } = await waitFor('the producer to report its memory', async () =>
    (await readMemoryReport(file)).find(({ at }) => at >= from),
  );
  return Math.round((bytes / MIB) * 10) / 10;
}
