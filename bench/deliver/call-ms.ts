/** What a handler that calls the outside waits, the same for all contestants. */
export const CALL_MS = 5;
