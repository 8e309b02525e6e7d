import type { TestDatabase } from '@millrace/testing';
import type { Contestant } from '../../figure';
import { Program } from '../../program';
import type { ProjectStack } from '../project-stack';

export interface PeerProgramOptions {
  readonly stack: ProjectStack;
  readonly name: string;
  readonly settings: string;
  /** Below bench/project/programs; it is told the `databaseUrl` beside its input. */
  readonly program: string;
  readonly input: object;
  /** One process and one database for all rounds, for what is prepared at length. Default: new ones in each. */
  readonly lasting?: boolean;
}

/** A peer in Node with a database of its own. */
export function peerProgram(options: PeerProgramOptions): Contestant {
  const { stack, name, settings, program: file, input, lasting = false } = options;
  let standing: Promise<Standing> | undefined;
  const start = async (): Promise<Standing> => {
    const database = await stack.createDatabase();
    try {
      const program = await Program.start(`project/programs/${file}.js`, {
        ...{ databaseUrl: database.url, ...input },
      });
      return { database, program };
    } catch (error) {
      await database.drop();
      throw error;
    }
  };
  return {
    name,
    settings,
    round: async () => {
      if (lasting) return (await (standing ??= start())).program.round();
      const once = await start();
      try {
        return await once.program.round();
      } finally {
        await end(once);
      }
    },
    close: async () => {
      if (standing !== undefined) await end(await standing);
    },
  };
}

interface Standing {
  readonly database: TestDatabase;
  readonly program: Program;
}

async function end({ database, program }: Standing): Promise<void> {
  await program.close();
  await database.drop();
}
