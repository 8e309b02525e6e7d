import { FlightLanded } from '@millrace/contracts';
import type { LedgerEvent, Outcome } from '../attempt';
import { dataOf, LEDGER_SOURCE, traceOf } from './event-body';
import { readFailure, readProblem } from './read-outcome';
import type { Problem } from './read-outcome';

/** Publishes an event by a request of its own. Never rejects: no answer in time is an outcome. */
export async function publishOne(
  producerUrl: string,
  event: LedgerEvent,
  { n, timeoutMs }: { readonly n: number; readonly timeoutMs: number },
): Promise<Outcome> {
  try {
    const response = await fetch(`${producerUrl}/v1/events/${FlightLanded.type}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'ce-id': event.id,
        'ce-source': LEDGER_SOURCE,
        traceparent: traceOf(n),
      },
      body: JSON.stringify(dataOf(event)),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = (await response.json()) as Problem & { readonly position?: string };
    if (response.status === 201 && answer.position !== undefined) {
      return { outcome: 'acknowledged', position: answer.position };
    }
    return readProblem(response.status, answer);
  } catch (error) {
    return readFailure(error);
  }
}
