import { isRefusedForNow, readFailure, readProblem } from './read-outcome';

describe('the outcome of an attempt', () => {
  it.each([
    [400, { type: 'urn:a' }],
    [404, { type: 'urn:a' }],
    [413, { type: 'urn:a' }],
    [422, { type: 'urn:a' }],
    [429, { type: 'urn:a' }],
    [503, { type: 'urn:a', outcome: 'not-written' }],
  ])('is refused after %i with %j', (status, problem) => {
    expect(readProblem(status, problem)).toEqual({ outcome: 'refused', status, type: 'urn:a' });
  });

  it.each([
    [503, { outcome: 'unknown' }],
    [503, {}],
    [500, { type: 'urn:millrace:problem:internal-error' }],
    [502, {}],
    [504, {}],
    [408, {}],
    [422, { outcome: 'unknown' }],
  ])('is unknown after %i with %j', (status, problem) => {
    expect(readProblem(status, problem).outcome).toBe('unknown');
  });

  it('is unknown without an answer, and names the innermost reason', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(readFailure(new TypeError('fetch failed', { cause: refused }))).toEqual({
      outcome: 'unknown',
      reason: 'no answer: ECONNREFUSED',
    });
    expect(readFailure(new Error('cut short'))).toEqual({
      outcome: 'unknown',
      reason: 'no answer: cut short',
    });
  });

  it('may change when a refusal is only for now', () => {
    const statuses = [400, 404, 413, 422, 429, 503];
    const forNow = statuses.filter((status) =>
      isRefusedForNow({ outcome: 'refused', status, type: 'urn:a' }),
    );
    expect(forNow).toEqual([429, 503]);
  });
});
