import { benchLine } from '../../figure';
import { peakResidentMiB, resetPeakResident } from '../peak-resident';
import type { ProjectFigure } from '../project';
import type { ProjectStack } from '../project-stack';
import { ReadModel } from '../read-model';

const MODELS = ['flight', 'airport'] as const;
/** The larger log holds so many times what the smaller one does. */
const TIMES = 10;

/** What a projection service has resident at most while it rebuilds, for a log and for one that is ten times as long. */
export const memory: ProjectFigure = {
  name: 'memory',
  what: 'MiB that the projection service has resident at most in a rebuild, of a tenth of the log and of all of it',
  run: async (stack, _options, print) => {
    print(
      'Memory: the most that the projection service has resident (VmHWM) while it rebuilds, by default settings; a service of its own for each',
    );
    const sizes = [Math.floor(stack.events / TIMES), stack.events];
    const peaks = new Map<string, number[]>(MODELS.map((model) => [model, []]));
    for (const events of sizes) {
      await stack.fill(events);
      for (const model of MODELS) {
        const peak = await peakOfRebuild(stack, model);
        peaks.get(model)?.push(peak);
        print(`  ${model}, ${events.toLocaleString('en-US')} events: ${peak} MiB`);
      }
    }
    for (const [model, [few = Number.NaN, many = Number.NaN]] of peaks) {
      const fewer = `of-${sizes[0]}-events`;
      const ratio = Number((many / few).toFixed(3));
      print(
        benchLine({
          ...{ name: `memory-${model}`, unit: 'MiB', ours: many, peers: { [fewer]: few } },
          ratio: { [fewer]: ratio },
        }),
      );
    }
  },
};

/** Of all that the log holds now, whoever filled it. */
async function peakOfRebuild(stack: ProjectStack, model: (typeof MODELS)[number]): Promise<number> {
  const events = await stack.logEnd();
  const readModel = await ReadModel.start(stack, { projection: model });
  try {
    await readModel.caughtUp(events);
    const { pid } = readModel.projection.process;
    await resetPeakResident(pid);
    await readModel.rebuild(events);
    return await peakResidentMiB(pid);
  } finally {
    await readModel.close();
  }
}
