import { setTimeout as sleep } from 'node:timers/promises';
import { sampleShownBuilds } from '@millrace/testing';
import type { ShownBuild } from '@millrace/testing';
import type { Patient } from './patient';

const SHOWN_EVERY_MS = 100;

/** Looks at a patient from outside while it is hurt: what its readers are shown. */
export class Watch {
  readonly shown: ShownBuild[] = [];
  private readonly ending = new AbortController();
  private readonly looking: Promise<unknown>;

  /** Begins to look at once. */
  constructor(private readonly patient: Patient) {
    this.looking = this.look();
  }

  /** Looks once more, and ends. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.looking;
    this.shown.push(...(await sampleShownBuilds(this.patient.database)));
  }

  private async look(): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      // The database is away now and then: that is what the faults are for.
      const shown = await sampleShownBuilds(this.patient.database).catch(() => []);
      this.shown.push(...shown);
      await sleep(SHOWN_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
