import type { Contestant } from '../../figure';
import type { DeliverStack } from '../deliver-stack';
import { CREATE_TABLE } from '../upsert-sql';

/** A contestant whose every round has a database of its own, with an empty table. */
export function withDatabase(
  stack: DeliverStack,
  name: string,
  settings: string,
  make: (databaseUrl: string) => Contestant | Promise<Contestant>,
): Contestant {
  return {
    name,
    settings,
    round: async () => {
      const database = await stack.createDatabase();
      try {
        await database.query(CREATE_TABLE);
        const contestant = await make(database.url);
        return await contestant.round();
      } finally {
        await database.drop();
      }
    },
    close: () => Promise.resolve(),
  };
}
