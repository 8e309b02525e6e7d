/**
 * The outcome of the work, or a rejection with the signal's reason if that comes first; of work that has settled already it is
 * the outcome. The work itself goes on. What becomes of it then nobody hears: its failure is no unhandled rejection.
 */
export async function orAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => {
    aborted.reject(signal.reason);
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
