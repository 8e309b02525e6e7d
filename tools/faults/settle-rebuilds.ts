import { ReplayRuns } from '@millrace/postgres';
import { PARTITION_COUNT_CHANGED, waitFor } from '@millrace/testing';
import type { Patient } from './patient';

/**
 * Waits until no rebuild is under way; one that says that it stands still because the topic has other partitions than
 * before is not waited for. @throws Error when one is refused, or does not end in time.
 */
export async function settleRebuilds(patient: Patient, timeoutMs: number): Promise<void> {
  const runs = new ReplayRuns(patient.database);
  const active = () => runs.list({ active: true });
  await waitFor(
    'the rebuilds to end',
    async () => {
      const open = (await active()).filter(({ state }) => state !== 'refused');
      return (await Promise.all(open.map(({ id }) => standsForPartitions(patient, id)))).every(Boolean);
    },
    timeoutMs,
  );
  const refused = (await active()).filter(({ state }) => state === 'refused');
  if (refused.length > 0)
    throw new Error(`a rebuild was refused: ${refused.map(({ reason }) => reason).join('; ')}`);
}

async function standsForPartitions(patient: Patient, id: number): Promise<boolean> {
  const run = (await (await fetch(`${patient.url('replay')}/v1/replays/${id}`)).json()) as {
    reason?: string;
  };
  return PARTITION_COUNT_CHANGED.test(run.reason ?? '');
}
