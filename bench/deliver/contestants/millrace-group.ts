import { waitFor } from '@millrace/testing';
import type { TestDatabase, TestService } from '@millrace/testing';
import type { Contestant, Measured } from '../../figure';
import type { DeliverStack } from '../deliver-stack';
import { countingVariables } from '../groups/counted-here';
import type { Counting } from '../handled';
import { measureBeside } from './beside';
import type { Beside } from './beside';

const GIVE_UP_MS = 300_000;

export interface MillraceGroupOptions {
  readonly stack: DeliverStack;
  /** Default `millrace`. */
  readonly name?: string;
  /** Its folder below bench/deliver/groups; the group is called `bench-<folder>`. */
  readonly group: string;
  readonly settings: string;
  readonly counting: Counting;
  /** What its process is told beside. Default: nothing. */
  readonly variables?: Record<string, string>;
  /** What is done once it runs, before it is measured. Default: nothing. */
  readonly prepare?: (service: TestService, database: TestDatabase) => Promise<void>;
  /** What happens once the group reads. Default: nothing, for what it reads is there. */
  readonly whileReading?: () => Promise<Beside>;
}

/** A consumer service with one group and a database of its own; both are new in each round. */
export function millraceGroup(options: MillraceGroupOptions): Contestant {
  const { stack, name = 'millrace', group, settings, counting, variables, prepare, whileReading } = options;
  return {
    name,
    settings,
    round: async () => {
      const database = await stack.createDatabase();
      const where = { name: `bench-${group}`, folder: `bench/deliver/groups/${group}` };
      const service = await stack.startConsumer(where, {
        ...variables,
        DATABASE_URL: database.url,
        [countingVariables.warmUp]: String(counting.warmUp),
        [countingVariables.counted]: String(counting.counted),
      });
      try {
        await prepare?.(service, database);
        return await measureBeside(whileReading, () => measuredBy(service));
      } finally {
        await service.process.stop();
        await database.drop();
      }
    },
    close: () => Promise.resolve(),
  };
}

function measuredBy({ url }: TestService): Promise<Measured> {
  const ask = async (): Promise<Measured | undefined> => {
    const answer = await fetch(`${url}/bench/measured`);
    const { measured } = (await answer.json()) as { readonly measured: Measured | null };
    return measured ?? undefined;
  };
  return waitFor('the group to have handled all', ask, GIVE_UP_MS);
}
