import type { Circumstances, Evidence } from '../evidence';
import type { Findings } from '../findings';
import { acknowledgedInLog } from './acknowledged-in-log';
import { calledFor } from './called-for';
import { callsInOrder } from './calls-in-order';
import { consumedOnce } from './consumed-once';
import { equalFolds } from './equal-folds';
import { faultsHappened } from './faults-happened';
import { nothingParked } from './nothing-parked';
import { onceInLog } from './once-in-log';
import { oneEffect } from './one-effect';
import { onlySentInLog } from './only-sent-in-log';
import { orderPerKey } from './order-per-key';
import { positionsPassNothing } from './positions-pass-nothing';
import { rebuildsEnd } from './rebuilds-end';
import { settledAgain } from './settled-again';
import { shownIsLive } from './shown-is-live';

/**
 * Examines what a run left behind, one invariant after the other; those that hold are among the findings, with nothing
 * found. Without `circumstances`, what speaks of time, memory and faults is left out. Pure.
 */
export function checkLedger(evidence: Evidence, circumstances?: Circumstances): Findings[] {
  return [
    acknowledgedInLog(evidence),
    onlySentInLog(evidence),
    oneEffect(evidence),
    orderPerKey(evidence),
    consumedOnce(evidence),
    positionsPassNothing(evidence),
    calledFor(evidence),
    callsInOrder(evidence),
    nothingParked(evidence),
    equalFolds(evidence),
    ...(circumstances === undefined
      ? []
      : [
          ...(circumstances.isWindowed ? [onceInLog(evidence)] : []),
          shownIsLive(circumstances),
          rebuildsEnd(circumstances),
          settledAgain(circumstances, evidence.halted),
          faultsHappened(circumstances),
        ]),
  ];
}
