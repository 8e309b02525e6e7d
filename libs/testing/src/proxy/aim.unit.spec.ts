import { Aim } from './aim';
import type { AimOptions } from './aim';
import type { KafkaRequest } from './kafka-request';

const produce: KafkaRequest = {
  apiKey: 0,
  api: 'Produce',
  apiVersion: 7,
  correlationId: 1,
  clientId: 'writer',
  answered: true,
};

function hits(options: Omit<AimOptions, 'api'>, randoms: readonly number[] = []): boolean[] {
  const next = randoms[Symbol.iterator]();
  const aim = new Aim({ api: 'Produce', ...options }, () => next.next().value ?? 0.5);
  return Array.from({ length: 5 }, () => aim.hit(produce));
}

describe('an aim', () => {
  it.each([
    ['every one', {}, [true, true, true, true, true]],
    ['the nth alone', { nth: 3 }, [false, false, true, false, false]],
    ['the first few', { count: 2 }, [true, true, false, false, false]],
    ['a few from the nth on', { nth: 2, count: 2 }, [false, true, true, false, false]],
    ['those of a client', { clientId: 'writer' }, [true, true, true, true, true]],
    ['nobody of another client', { clientId: 'other' }, [false, false, false, false, false]],
    ['none at probability 0', { probability: 0 }, [false, false, false, false, false]],
  ])('hits %s', (_what, options, expected) => {
    expect(hits(options)).toEqual(expected);
  });

  it('hits as chance has it, and counts only hits', () => {
    const chances = [0.9, 0.1, 0.29, 0.3, 0.2];
    expect(hits({ probability: 0.3 }, chances)).toEqual([false, true, true, false, true]);
    expect(hits({ probability: 0.3, count: 2 }, chances)).toEqual([false, true, true, false, false]);
  });

  it('counts no request of another kind', () => {
    const aim = new Aim({ api: 'Produce', nth: 2 }, () => 0);
    const fetch = { ...produce, apiKey: 1, api: 'Fetch' };
    expect([produce, fetch, fetch, produce].map((request) => aim.hit(request))).toEqual([
      false,
      false,
      false,
      true,
    ]);
  });
});
