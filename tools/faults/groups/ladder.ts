import type { ConsumerGroupDefinition } from '@millrace/delivery';

/**
 * A run lasts minutes and lets handlers fail again and again: waits are short, nothing becomes a dead letter, and nothing that
 * is parked holds up the others, however much it is.
 */
export const ladder = {
  retry: { attempts: 2, initialMs: 20, maxMs: 100 },
  parking: { attempts: 1_000, initialMs: 100, maxMs: 2_000, maxRecords: 100_000, maxKeyShare: 1 },
} as const satisfies Pick<ConsumerGroupDefinition, 'retry' | 'parking'>;
