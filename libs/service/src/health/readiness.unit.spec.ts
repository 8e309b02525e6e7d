import { ReadinessChecks } from './readiness-checks';
import { runReadinessCheck } from './readiness';

describe('a readiness check', () => {
  it('is up with the details it resolves to', async () => {
    const check = { name: 'kafka', check: async () => ({ brokers: 3 }) };
    expect(await runReadinessCheck(check)).toEqual({ status: 'up', details: { brokers: 3 } });
  });

  it('is down with the reason it rejects with, or throws', async () => {
    const rejects = { name: 'kafka', check: (): Promise<void> => Promise.reject(new Error('no broker')) };
    const throws = {
      name: 'kafka',
      check: (): Promise<void> => {
        throw new Error('no client');
      },
    };
    expect(await runReadinessCheck(rejects)).toEqual({ status: 'down', reason: 'no broker' });
    expect(await runReadinessCheck(throws)).toEqual({ status: 'down', reason: 'no client' });
  });

  it('is down when it does not answer in time', async () => {
    const check = { name: 'kafka', timeoutMs: 5, check: () => new Promise<void>(() => undefined) };
    expect(await runReadinessCheck(check)).toEqual({ status: 'down', reason: 'no answer within 5 ms' });
  });

  it('shares its name with no other', () => {
    const check = { name: 'kafka', check: async () => undefined };
    expect(() => new ReadinessChecks().set([check, check])).toThrow('two readiness checks are called kafka');
  });
});
