import type { Contestant } from '../../figure';
import { Program } from '../../program';
import { measureBeside } from './beside';
import type { Beside } from './beside';

export interface ConsumerProgramOptions {
  readonly name: string;
  /** How it is set up, for the reader. */
  readonly settings: string;
  /** The program below bench/deliver/programs, or below `folder`. */
  readonly program: string;
  /** Below bench. Default `deliver/programs`. */
  readonly folder?: string;
  readonly input: object;
  /** What happens once it reads. Default: nothing, for what it reads is there. */
  readonly whileReading?: () => Promise<Beside>;
}

/** A peer in Node: a process that consumes, new in each round. */
export function consumerProgram(options: ConsumerProgramOptions): Contestant {
  const { name, settings, program: file, folder = 'deliver/programs', input, whileReading } = options;
  return {
    name,
    settings,
    round: async () => {
      const program = await Program.start(`${folder}/${file}.js`, input);
      try {
        return await measureBeside(whileReading, () => program.round());
      } finally {
        await program.close();
      }
    },
    close: () => Promise.resolve(),
  };
}
