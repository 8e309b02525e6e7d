import type { Contestant } from '../../figure';
import { Program } from '../../program';
import type { HandTunedInput } from '../programs/hand-tuned';
import type { ProjectStack } from '../project-stack';
import { checkTotals } from '../totals';

export interface HandTunedOptions extends Pick<HandTunedInput, 'topic' | 'model' | 'waitForDisk'> {
  readonly stack: ProjectStack;
  readonly name: string;
  readonly settings: string;
}

/** A loop over batches, by hand, as fast as it gets; a process and a database of its own in each round. */
export function handTuned(options: HandTunedOptions): Contestant {
  const { stack, name, settings, topic, model, waitForDisk } = options;
  return {
    name,
    settings,
    round: async () => {
      const { brokers, registryUrl, events } = stack;
      const database = await stack.createDatabase();
      const input: HandTunedInput = {
        ...{ brokers, registryUrl, topic, databaseUrl: database.url, model, events, waitForDisk },
      };
      const program = await Program.start('project/programs/hand-tuned.js', input);
      try {
        const measured = await program.round();
        await checkTotals(name, await stack.totals(), { database, table: `bench.${model}`, model });
        return measured;
      } finally {
        await program.close();
        await database.drop();
      }
    },
    close: () => Promise.resolve(),
  };
}
