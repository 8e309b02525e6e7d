import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import type { EventType } from '@millrace/contracts';
import { eventOf, httpPublisher, isPublishError } from '../index';
import type { PublishError } from '../index';

// What must not compile is marked: the type check of the check run fails when it does.
const publisher = httpPublisher({ url: 'http://127.0.0.1:1', source: '/specs' });
const anyType: EventType = FlightLanded;
const landed = { flightId: 'f', origin: 'ATL', destination: 'BOS', delayMinutes: 3 };
const departed = {
  flightId: 'f',
  origin: 'ATL',
  destination: 'BOS',
  departedAt: new Date(0),
  distanceMiles: 3,
};

const wrong = [
  // @ts-expect-error a field is missing
  () => publisher.publish(FlightLanded, { flightId: 'f', origin: 'ATL', destination: 'BOS' }),
  // @ts-expect-error a field is of another type
  () => publisher.publish(FlightLanded, { ...landed, delayMinutes: '3' }),
  // @ts-expect-error a field that the contract does not have
  () => publisher.publish(FlightLanded, { ...landed, gate: 'B7' }),
  // @ts-expect-error the value of another event type
  () => publisher.publish(FlightDeparted, landed),
  // @ts-expect-error a timestamp is a Date, not a text
  () => publisher.publish(FlightDeparted, { ...departed, departedAt: 'now' }),
  // @ts-expect-error no such option
  () => publisher.publish(FlightLanded, landed, { timeout: 3 }),
  // @ts-expect-error the same holds for one of many
  () => eventOf(FlightLanded, { flightId: 'f' }),
];

const right = [
  () => publisher.publish(FlightLanded, landed, { id: 'i', deadlineMs: 3, signal: AbortSignal.timeout(1) }),
  () => publisher.publish(anyType, { whatever: 'is known only at run time' }),
  () => eventOf(FlightLanded, landed, { id: 'i' }),
  () => publisher.publish(FlightDeparted, departed),
];

/** Every code of a failure is told apart, and none is left out. */
function advice(error: PublishError): string {
  switch (error.code) {
    case 'PUBLISH_REFUSED':
      return `mend it: ${error.problem.detail ?? ''}`;
    case 'PUBLISHER_CLOSED':
      return 'too late';
    case 'PUBLISH_DEADLINE':
    case 'PUBLISH_ABORTED':
    case 'PUBLISH_OVERTAKEN':
    case 'PUBLISHER_FULL':
      return error.outcome === 'unknown' ? 'again, with the same id' : 'again';
  }
}

describe('a publisher', () => {
  it('is typed by the contract', () => {
    expect([wrong.length, right.length]).toEqual([7, 4]);
  });

  it('rejects with errors that are told apart by their code', async () => {
    const error: unknown = await publisher
      .publish(FlightLanded, landed, { signal: AbortSignal.abort() })
      .catch((reason: unknown) => reason);
    expect(isPublishError(error) && advice(error)).toBe('again');
    expect(isPublishError(new Error('another'))).toBe(false);
  });
});
