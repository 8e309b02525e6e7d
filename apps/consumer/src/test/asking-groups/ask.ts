import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import type { ConsumerGroupDefinition } from '@millrace/delivery';

/** What both groups declare: a record that may not take effect is parked soon, and tried again soon, for as long as it takes. */
export const asking = {
  handles: [FlightLanded],
  ignores: [FlightDeparted],
  retry: { attempts: 2, initialMs: 10, maxMs: 50 },
  parking: { attempts: 1_000, initialMs: 20, maxMs: 200, maxKeyShare: 1 },
} as const satisfies Partial<ConsumerGroupDefinition>;

/**
 * Asks whoever runs this process, at ASKED_URL, whether an event may take effect. `token`: by which it can refuse one who was
 * replaced. @throws Error when it may not.
 */
export async function ask(url: string, signal: AbortSignal, token = ''): Promise<void> {
  const headers = { 'fencing-token': token };
  const answer = await fetch(`${process.env['ASKED_URL']}/${url}`, { method: 'POST', headers, signal });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`${url} may not take effect: ${answer.status}`);
}
