import { DatabaseError } from 'pg';
import type { ClientBase } from 'pg';

/** How long folding of the live build may be held until another build stands where it stands. */
export const HOLD_MS = 2_000;
/** How often it is looked meanwhile whether that one has arrived. */
export const POLL_MS = 5;

/** SQLSTATE of a lock that could not be had within lock_timeout. */
export const LOCK_NOT_AVAILABLE = '55P03';

/** Bounds what a transaction that holds the live positions may wait for, and how long it may be left lying. */
export async function boundWaits(tx: ClientBase): Promise<void> {
  await tx.query("SET LOCAL lock_timeout = '1s'; SET LOCAL idle_in_transaction_session_timeout = '10s'");
}

/** Whether a lock could not be had within lock_timeout. */
export function isLockNotAvailable(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === LOCK_NOT_AVAILABLE;
}
