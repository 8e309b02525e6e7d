import { readFile } from 'node:fs/promises';
import { benchLine } from '../../figure';
import { Program } from '../../program';
import type { PublishFigure } from '../publish';

const MILLION = 1_000_000;
const AFTER = [1, 5];
const STREAMS = 2;

/** What the producer has resident after a million events and after five. */
export const memory: PublishFigure = {
  name: 'memory',
  what: 'MiB of the producer after 1 million events, and after 5 million',
  run: async (stack, _options, print) => {
    print(
      `Memory: the producer service, by default settings; ${STREAMS} streams of a million flight events each time`,
    );
    const { url, process } = await stack.startProducer();
    const load = await Program.start('publish/programs/ndjson-load.js', {
      ...{ url, events: MILLION, streams: STREAMS },
    });
    try {
      for (let millions = 1; millions <= Math.max(...AFTER); millions++) {
        await load.round();
        const ours = await residentMiB(process.pid);
        print(`  after ${millions} million: ${ours} MiB`);
        if (!AFTER.includes(millions)) continue;
        const name = `memory-after-${millions}-million`;
        print(benchLine({ name, unit: 'MiB', ours, peers: {}, ratio: {} }));
      }
    } finally {
      await load.close();
      await process.stop();
    }
  },
};

/** VmRSS of proc_pid_status(5). @throws Error on a system that does not tell */
async function residentMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`/proc/${pid}/status has no VmRSS`);
  return Math.round(Number(kib) / 1_024);
}
