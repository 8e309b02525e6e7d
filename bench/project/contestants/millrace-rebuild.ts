import type { Contestant } from '../../figure';
import type { ProjectStack } from '../project-stack';
import { ReadModel } from '../read-model';
import { checkTotals } from '../totals';

export interface MillraceRebuildOptions {
  readonly stack: ProjectStack;
  readonly model: 'flight' | 'airport';
  /** Default `millrace`. */
  readonly name?: string;
  readonly settings: string;
  /** What the projection service is told beside. Default: nothing. */
  readonly variables?: Record<string, string>;
}

/** The projection service and the replay service, which live through all rounds; the live build is there first, and idle. */
export async function millraceRebuild(options: MillraceRebuildOptions): Promise<Contestant> {
  const { stack, model, name = 'millrace', settings, variables = {} } = options;
  const { events } = stack;
  const readModel = await ReadModel.start(stack, { projection: model, settings: variables });
  try {
    await readModel.caughtUp(events);
  } catch (error) {
    await readModel.close();
    throw error;
  }
  return {
    name,
    settings,
    round: async () => {
      const { foldSeconds, wholeSeconds, processorSeconds } = await readModel.rebuild(events);
      const { database } = readModel;
      await checkTotals(name, await stack.totals(), { database, table: `read_model.${model}`, model });
      return {
        rate: events / foldSeconds,
        whole: events / wholeSeconds,
        cpu: (processorSeconds / events) * 1_000_000,
      };
    },
    close: () => readModel.close(),
  };
}
