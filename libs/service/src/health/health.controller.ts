import { Controller, Get, HttpCode, Res, ServiceUnavailableException } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import type { FastifyReply } from 'fastify';
import { runReadinessCheck, type ReadinessCheck } from './readiness';
import { ReadinessChecks } from './readiness-checks';

/** `/health/live`: the process answers. `/health/ready`: it can reach what it needs, checked anew for each request. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly readiness: ReadinessChecks,
  ) {}

  @Get('live')
  @HttpCode(200)
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** All checks run at the same time. 200 when every one is up, otherwise 503; the body names each and its reason. */
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    void reply.header('cache-control', 'no-store');
    try {
      return await this.health.check(this.readiness.get().map((check) => () => this.#indicate(check)));
    } catch (error) {
      if (!(error instanceof ServiceUnavailableException)) {
        throw error;
      }
      // Answered here and not as a problem: tools that watch health read this body.
      void reply.status(503);
      return error.getResponse();
    }
  }

  async #indicate(check: ReadinessCheck): Promise<HealthIndicatorResult> {
    const result = await runReadinessCheck(check);
    const indicator = this.indicators.check(check.name);
    return result.status === 'up' ? indicator.up(result.details) : indicator.down({ reason: result.reason });
  }
}
