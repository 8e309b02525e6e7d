import type { StoreFailure } from '@millrace/delivery';
import { DatabaseError } from 'pg';

/** Classes and codes of SQLSTATE (PostgreSQL documentation, appendix A) that speak of the server, not of the work. */
const UNAVAILABLE_CLASSES = new Set(['08', '53', '57']);
const CONFLICTS = new Set(['40001', '40P01']);
const SYSTEM_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);
/** pg raises these without a code. */
const CLIENT_MESSAGES =
  /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error/;
/** A session ended for idling in a transaction, or by an administrator: work again on another one. */
const IDLE_IN_TRANSACTION = '25P03';

/** What an error means for the work that met it: wait for the database, try again at once, or neither. */
export function classifyDatabaseFailure(error: unknown): StoreFailure {
  // A name with several addresses fails with one error for each.
  if (hasErrors(error)) return error.errors.some(isUnavailable) ? 'unavailable' : 'other';
  if (isUnavailable(error)) return 'unavailable';
  return CONFLICTS.has(codeOf(error) ?? '') ? 'conflict' : 'other';
}

/** Whether the server understood the work and refused it: waiting changes nothing. */
export function isRefusedByDatabase(error: unknown): boolean {
  return error instanceof DatabaseError && classifyDatabaseFailure(error) === 'other';
}

function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  if (code === undefined) return error instanceof Error && CLIENT_MESSAGES.test(error.message);
  if (SYSTEM_CODES.has(code) || code === IDLE_IN_TRANSACTION) return true;
  return code.length === 5 && UNAVAILABLE_CLASSES.has(code.slice(0, 2));
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function hasErrors(error: unknown): error is { readonly errors: readonly unknown[] } {
  return typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors);
}
