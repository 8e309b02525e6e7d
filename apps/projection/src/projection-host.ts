import type { OnApplicationShutdown } from '@nestjs/common';
import type { Servers } from '@millrace/reading';
import { ProjectionNotFoundError } from './errors';
import type { Projector } from './projector';

/** The projections of this process, by name. */
export class ProjectionHost implements OnApplicationShutdown {
  private readonly stopping = new AbortController();

  constructor(
    readonly servers: Servers,
    readonly projectors: readonly Projector[],
  ) {}

  /** Waits for the servers, then starts every projection. @throws lasting errors, which end the process. */
  async start(): Promise<void> {
    await this.servers.prepare({ migrations: [], signal: this.stopping.signal });
    if (this.stopping.signal.aborted) return;
    for (const projector of this.projectors) await projector.start();
  }

  /** @throws ProjectionNotFoundError naming those that are here, ProjectionStartingError before the first start. */
  find(name: string): Projector {
    const found = this.projectors.find(({ projection }) => projection.name === name);
    if (found === undefined) {
      throw new ProjectionNotFoundError(
        name,
        this.projectors.map(({ projection }) => projection.name),
      );
    }
    found.assertStarted();
    return found;
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.projectors.map((projector) => projector.stop()));
    await this.servers.close();
  }
}
