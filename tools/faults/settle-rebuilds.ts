import { ReplayRuns } from '@millrace/postgres';
import { waitFor } from '@millrace/testing';
import type { Patient } from './patient';

/** Waits until no rebuild is under way. @throws Error when one is refused, or does not end in time. */
export async function settleRebuilds(patient: Patient, timeoutMs: number): Promise<void> {
  const runs = new ReplayRuns(patient.database);
  const active = () => runs.list({ active: true });
  await waitFor(
    'the rebuilds to end',
    async () => (await active()).every(({ state }) => state === 'refused'),
    timeoutMs,
  );
  const refused = await active();
  if (refused.length > 0)
    throw new Error(`a rebuild was refused: ${refused.map(({ reason }) => reason).join('; ')}`);
}
