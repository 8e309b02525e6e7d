import { setTimeout as sleep } from 'node:timers/promises';
import { sampleShownBuilds } from '@millrace/testing';
import type { MemorySample, ShownBuild } from '@millrace/testing';
import { sampleMemory } from './memory';
import type { Patient } from './patient';

const MEMORY_EVERY_MS = 2_000;
const SHOWN_EVERY_MS = 100;

/** Looks at a patient from outside while it is hurt: how much memory its processes have, and what its readers are shown. */
export class Watch {
  readonly memory: MemorySample[] = [];
  readonly shown: ShownBuild[] = [];
  private readonly ending = new AbortController();
  private readonly looking: Promise<unknown>;

  /** Begins to look at once. */
  constructor(private readonly patient: Patient) {
    this.looking = Promise.all([
      this.repeat(MEMORY_EVERY_MS, async () => this.memory.push(...(await sampleMemory(patient.running)))),
      this.repeat(SHOWN_EVERY_MS, async () =>
        this.shown.push(...(await sampleShownBuilds(patient.database))),
      ),
    ]);
  }

  /** Looks once more, and ends. */
  async stop(): Promise<void> {
    this.ending.abort();
    await this.looking;
    this.memory.push(...(await sampleMemory(this.patient.running)));
    this.shown.push(...(await sampleShownBuilds(this.patient.database)));
  }

  private async repeat(everyMs: number, look: () => Promise<unknown>): Promise<void> {
    const { signal } = this.ending;
    while (!signal.aborted) {
      // The database is away now and then: that is what the faults are for.
      await look().catch(() => undefined);
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
