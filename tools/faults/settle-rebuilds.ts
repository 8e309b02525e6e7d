import { setTimeout as sleep } from 'node:timers/promises';
import { ReplayRuns } from '@millrace/postgres';
import type { ReplayRun } from '@millrace/postgres';
import { PARTITION_COUNT_CHANGED } from '@millrace/testing';
import type { OpenRebuild } from '@millrace/testing';
import type { Patient } from './patient';

const POLL_MS = 200;

/**
 * Waits until no rebuild is under way, or the time is over, and gives those that were refused or have not ended; one that
 * says that it stands still because the topic has other partitions than before is neither.
 */
export async function settleRebuilds(patient: Patient, timeoutMs: number): Promise<OpenRebuild[]> {
  const runs = new ReplayRuns(patient.database);
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const open = await openOf(patient, await runs.list({ active: true }));
    if (open.every(({ state }) => state === 'refused') || performance.now() > deadline) {
      return open.map(({ id, build, state, reason }) => ({ id, model: build.projection, state, reason }));
    }
    await sleep(POLL_MS);
  }
}

async function openOf(patient: Patient, active: readonly ReplayRun[]): Promise<ReplayRun[]> {
  const stands = await Promise.all(active.map(({ id }) => standsForPartitions(patient, id)));
  return active.filter((_, index) => stands[index] !== true);
}

async function standsForPartitions(patient: Patient, id: number): Promise<boolean> {
  const answer = await fetch(`${patient.url('replay')}/v1/replays/${id}`).catch(() => undefined);
  const run = (await answer?.json().catch(() => undefined)) as { reason?: string } | undefined;
  return PARTITION_COUNT_CHANGED.test(run?.reason ?? '');
}
