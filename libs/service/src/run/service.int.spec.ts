import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Body, Controller, Get, Module, NotFoundException, Post } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import { metricOf, readMetrics } from '@millrace/testing';
import { defineConfiguration, parseConfiguration } from '../configuration/configuration';
import { serverVariables } from '../configuration/shared-variables';
import type { ReadinessCheck } from '../health/readiness';
import { createLogger } from '../logging/logger';
import { problemRule } from '../problem/problem';
import { startService, type RunningService, type ServiceDefinition } from './start-service';

class UnknownTypeError extends MillraceError {
  override readonly name = 'UnknownTypeError';
  override readonly code = 'UNKNOWN_TYPE';
  override readonly retriable = false;
}

class BusyError extends MillraceError {
  override readonly name = 'BusyError';
  override readonly code = 'BUSY';
  override readonly retriable = true;
}

@Controller()
class TrialController {
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return body;
  }

  @Get('unknown-type')
  unknownType(): never {
    throw new UnknownTypeError('there is no event type flights.FlightLnded');
  }

  @Get('busy')
  busy(): never {
    throw new BusyError('the queue is full');
  }

  @Get('gone')
  gone(): never {
    throw new NotFoundException('no such flight');
  }

  @Get('broken')
  broken(): never {
    throw new Error('password=sesame');
  }
}

@Module({ controllers: [TrialController] })
class TrialModule {}

const configuration = defineConfiguration(serverVariables({ port: 0 }));
const checks: ReadinessCheck[] = [];
const definition: ServiceDefinition<typeof configuration> = {
  name: 'trial',
  configuration,
  module: () => TrialModule,
  readiness: () => checks,
  metrics: () => [
    () =>
      Promise.resolve([
        { name: 'echoes_total', help: 'Echoes.', type: 'counter', series: [{ labels: {}, value: 7 }] },
      ]),
  ],
  bodyLimitBytes: () => 64,
  problems: [
    problemRule(UnknownTypeError, { status: 404, members: () => ({ nearest: ['flights.FlightLanded'] }) }),
    problemRule(BusyError, { status: 503, retryAfterSeconds: () => 3 }),
  ],
};

const lines: string[] = [];
const logger = createLogger({
  name: 'trial',
  level: 'info',
  destination: { write: (line) => void lines.push(line) },
});
const logged = (): Record<string, unknown>[] =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>);

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

describe('a service', () => {
  let service: RunningService;

  beforeAll(async () => {
    service = await startService(definition, parseConfiguration(configuration, {}), logger);
  });

  afterAll(() => service.close());

  async function request(path: string, init?: RequestInit): Promise<Answer> {
    const response = await fetch(`${service.url}${path}`, init);
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      headers: response.headers,
      body: (await response.json()) as Record<string, unknown>,
    };
  }

  const post = (body: string, contentType = 'application/json'): Promise<Answer> =>
    request('/echo', { method: 'POST', body, headers: { 'content-type': contentType } });

  it('logs one line with the address it really listens on', () => {
    expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
    expect(logged().filter((line) => line['msg'] === 'listening')).toEqual([
      expect.objectContaining({ level: 'info', service: 'trial', url: service.url }),
    ]);
  });

  it('answers an error of the platform by the app’s rules', async () => {
    expect(await request('/unknown-type?secret=1')).toMatchObject({
      status: 404,
      type: expect.stringMatching(/^application\/problem\+json/) as string,
      body: {
        type: 'urn:millrace:problem:unknown-type',
        title: 'Unknown type',
        status: 404,
        detail: 'there is no event type flights.FlightLnded',
        instance: '/unknown-type',
        retriable: false,
        nearest: ['flights.FlightLanded'],
      },
    });
  });

  it('shows Prometheus the metrics of its process and of its sources', async () => {
    const response = await fetch(`${service.url}/metrics`);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const series = readMetrics(await response.text());
    expect(metricOf(series, 'echoes_total')).toBe(7);
    expect(metricOf(series, 'process_cpu_seconds_total')).toBeGreaterThan(0);
  });

  it('says when to come back', async () => {
    const { status, headers, body } = await request('/busy');
    expect([status, headers.get('retry-after'), body['retriable']]).toEqual([503, '3', true]);
  });

  it.each([
    ['an exception of Nest', () => request('/gone'), 404, 'not-found', 'no such flight'],
    ['a path that no route has', () => request('/nowhere'), 404, 'not-found', 'Cannot GET /nowhere'],
    ['a body that is not JSON', () => post('{"pin": 4711'), 400, 'bad-request', 'not valid JSON'],
    ['a body that is too large', () => post(`"${'x'.repeat(64)}"`), 413, 'body-too-large', 'too large'],
    [
      'a media type that no parser takes',
      () => post('<a/>', 'text/xml'),
      415,
      'unsupported-media-type',
      'Unsupported',
    ],
  ])('answers %s as a problem', async (_case, ask, status, code, detail) => {
    const answer = await ask();
    expect(answer.type).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({
      status,
      type: `urn:millrace:problem:${code}`,
      detail: expect.stringContaining(detail) as string,
    });
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).not.toContain('4711');
  });

  it('shows nothing of an unknown error but an id under which the log has it', async () => {
    const { status, body } = await request('/broken');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('sesame');
    const line = logged().find((each) => each['errorId'] === body['errorId']);
    expect(line).toMatchObject({ level: 'error', path: '/broken', err: { message: 'password=sesame' } });
  });

  it('is live as soon as it answers', async () => {
    expect((await request('/health/live')).status).toBe(200);
  });

  it('is ready when every check is up, with their details', async () => {
    checks.splice(0, Infinity, { name: 'kafka', check: async () => ({ brokers: 1 }) });
    expect(await request('/health/ready')).toMatchObject({
      status: 200,
      body: { status: 'ok', details: { kafka: { status: 'up', brokers: 1 } } },
    });
  });

  it('is not ready when one check is down, and says which and why', async () => {
    checks.splice(
      0,
      Infinity,
      { name: 'kafka', check: async () => undefined },
      { name: 'postgres', check: (): Promise<void> => Promise.reject(new Error('connection refused')) },
      { name: 'registry', timeoutMs: 50, check: () => new Promise<void>(() => undefined) },
    );
    expect(await request('/health/ready')).toMatchObject({
      status: 503,
      body: {
        status: 'error',
        details: {
          kafka: { status: 'up' },
          postgres: { status: 'down', reason: 'connection refused' },
          registry: { status: 'down', reason: 'no answer within 50 ms' },
        },
      },
    });
  });

  it('checks everything at the same time', async () => {
    // Each check is done only once the other has begun: one after the other, the first would run out of time.
    const begun = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()] as const;
    const meet = (own: 0 | 1, other: 0 | 1) => async (): Promise<undefined> => {
      begun[own].resolve(undefined);
      return begun[other].promise;
    };
    checks.splice(0, Infinity, { name: 'kafka', check: meet(0, 1) }, { name: 'postgres', check: meet(1, 0) });
    expect((await request('/health/ready')).status).toBe(200);
  });

  it('names the variable and the address when its port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    try {
      const settings = parseConfiguration(configuration, { PORT: String(port) });
      await expect(startService(definition, settings, logger)).rejects.toMatchObject({
        code: 'SERVICE_CANNOT_LISTEN',
        message: expect.stringMatching(`trial cannot listen on 127.0.0.1:${port}.*set PORT`) as string,
      });
    } finally {
      other.close();
    }
  });
});
