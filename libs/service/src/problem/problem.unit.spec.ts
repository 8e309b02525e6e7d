import { MillraceError } from '@millrace/contracts';
import { problemRule, standardMembers, toProblem } from './problem';

class KafkaDownError extends MillraceError {
  override readonly name = 'KafkaDownError';
  override readonly code = 'KAFKA_DOWN';
  override readonly retriable = true;
  readonly retryAfterMs = 1_200;
}

describe('a problem', () => {
  const rules = [
    problemRule(KafkaDownError, {
      status: 503,
      members: (error) => ({ outcome: 'unknown', waitMs: error.retryAfterMs }),
      retryAfterSeconds: (error) => error.retryAfterMs / 1_000,
    }),
  ];

  it('carries the code, the message, the retriability and the members of its rule', () => {
    expect(toProblem(new KafkaDownError('no broker answers'), rules)).toEqual({
      details: {
        type: 'urn:millrace:problem:kafka-down',
        title: 'Kafka down',
        status: 503,
        detail: 'no broker answers',
        retriable: true,
        outcome: 'unknown',
        waitMs: 1_200,
      },
      retryAfterSeconds: 2,
    });
  });

  it('is not made of an error that no rule maps, because its text is not for clients', () => {
    expect(toProblem(new Error('select * from secrets'), rules)).toBeUndefined();
  });

  it.each(['EVENT_TYPE_UNKNOWN', 'event-type-unknown', 'eventTypeUnknown', 'Event Type Unknown'])(
    'writes the code %s in kebab case',
    (code) => {
      expect(standardMembers(code, 404).type).toBe('urn:millrace:problem:event-type-unknown');
    },
  );
});
