import { randomUUID } from 'node:crypto';
import type { EventType } from '@millrace/contracts';
import type { EventOptions } from './publisher';

/** The attributes of one event, complete: they are the same in every try. */
export interface StampedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly time: Date;
  readonly subject?: string;
  readonly traceparent?: string;
  readonly extensions?: Readonly<Record<string, string>>;
}

/** Fills in what the caller has left out: a new id, the publisher's source, the present time. */
export function stampEvent(type: EventType, options: EventOptions, source: string): StampedEvent {
  const { subject, traceparent, extensions } = options;
  return {
    id: options.id ?? randomUUID(),
    source: options.source ?? source,
    type: type.type,
    time: options.time ?? new Date(),
    ...(subject === undefined ? {} : { subject }),
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(extensions === undefined ? {} : { extensions }),
  };
}
