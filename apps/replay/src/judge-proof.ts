import { advanceRun, endVerification, followLog, transact } from '@millrace/postgres';
import type { DatabaseTransaction, Proof, ReplayRun } from '@millrace/postgres';

/** What becomes of a run whose build was compared with the live one. `false` when somebody else has decided meanwhile. */
export async function judgeProof(
  run: ReplayRun,
  proof: Proof,
  session: DatabaseTransaction,
): Promise<boolean> {
  if (run.kind === 'verify') {
    const reason = proof.equal
      ? {}
      : { reason: `the live rows are not what the log says: ${describe(proof)}` };
    return endVerification(session, run, { proof, ...reason });
  }
  if (!proof.equal && proof.sameLogic) {
    const reason = `the same version gave other rows than the live ones: ${describe(proof)}. Nothing was swapped.`;
    return advanceRun(session, run, { state: 'refused', reason, proof });
  }
  return transact(session, async (tx) => {
    const isMine = await advanceRun(tx, run, { proof, ...next(run, proof) });
    // It has been compared: from here on it may be ahead of the live one.
    if (isMine) await followLog(tx, run.build);
    return isMine;
  });
}

function next(run: ReplayRun, proof: Proof): { state: 'review' | 'swapping'; reason?: string } {
  if (!proof.equal) return { state: 'review', reason: `another version gave other rows: ${describe(proof)}` };
  if (run.hold) return { state: 'review', reason: 'proven equal, and held until somebody swaps it' };
  return { state: 'swapping' };
}

function describe({ differing: { keys, examples }, parked }: Proof): string {
  const first = examples.map(({ key }) => key).slice(0, 3);
  const rows = `${keys} ${keys === '1' ? 'key differs' : 'keys differ'}, the first of them ${first.join(', ')}`;
  const events =
    `${parked.live} keys are parked live and ${parked.rebuilt} rebuilt, ` +
    `${parked.differing} of them not behind the same events`;
  return [...(keys === '0' ? [] : [rows]), ...(parked.differing === 0 ? [] : [events])].join('; ');
}
