import type { EventType } from '@millrace/contracts';

/** A value with everything that JSON has no form for. */
export interface Reading {
  readonly meter: string;
  readonly total?: bigint;
  readonly at?: Date;
  readonly raw?: Uint8Array;
  readonly price?: string;
}

export const Reading: EventType<Reading> = {
  type: 'trial.Reading',
  topic: 'trial',
  subject: 'trial-trial.Reading',
  keyField: 'meter',
  schema: { type: 'record', name: 'Reading', namespace: 'trial', fields: [] },
};
