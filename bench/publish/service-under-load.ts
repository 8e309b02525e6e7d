import type { TestService } from '@millrace/testing';
import type { Contestant } from '../figure';
import { Program } from '../program';

export interface ServiceUnderLoadOptions {
  readonly name: string;
  /** How it is set up, for the reader. */
  readonly settings: string;
  readonly service: Pick<TestService, 'url' | 'process'>;
  /** The program below publish/programs that loads it; it is told the service's `url` beside this input. */
  readonly load: string;
  readonly input: object;
}

/** One of our services as a contestant, with a load of its own beside it. */
export async function serviceUnderLoad(options: ServiceUnderLoadOptions): Promise<Contestant> {
  const { name, settings, service, input } = options;
  const load = await Program.start(`publish/programs/${options.load}.js`, { url: service.url, ...input });
  return {
    name,
    settings,
    round: () => load.round(),
    close: async () => {
      await load.close();
      await service.process.stop();
    },
  };
}
