import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServiceLogger } from '../logging/logger';
import { standardMembers, toProblem, type Problem, type ProblemRule } from './problem';

/** Statuses whose standard phrase says less than it could. */
const codesByStatus: Readonly<Record<number, string>> = { 413: 'body-too-large' };

/**
 * Answers every error of an HTTP request as `application/problem+json`: the platform's errors by the app's rules, Nest's
 * and Fastify's by their status, and everything else as a 500 that shows an id and nothing of the error; the log has both.
 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #rules: readonly ProblemRule[];
  readonly #logger: ServiceLogger;

  constructor(rules: readonly ProblemRule[], logger: ServiceLogger) {
    this.#rules = rules;
    this.#logger = logger;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') {
      // Message handlers classify their own errors.
      throw error;
    }
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    // The query may carry what must not be repeated, so the instance is the path alone.
    const instance = request.url.split('?', 1)[0] ?? request.url;
    const problem =
      toProblem(error, this.#rules) ?? fromHttpException(error) ?? this.#unknown(error, request, instance);
    if (reply.sent) {
      return;
    }
    if (problem.retryAfterSeconds !== undefined) {
      void reply.header('retry-after', String(problem.retryAfterSeconds));
    }
    void reply
      .status(problem.details.status)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify({ ...problem.details, instance }));
  }

  #unknown(error: unknown, request: FastifyRequest, instance: string): Problem {
    const errorId = randomUUID();
    this.#logger.error(
      { err: error, errorId, method: request.method, path: instance },
      'a request failed with an error that no rule maps',
    );
    return {
      details: {
        ...standardMembers('internal-error', 500),
        detail: `Something went wrong in the service. Its log has the reason under the id ${errorId}.`,
        errorId,
      },
    };
  }
}

/** Nest wraps Fastify's own errors below 500 (malformed JSON, 413, 415) in HttpExceptions before they get here. */
function fromHttpException(error: unknown): Problem | undefined {
  if (!(error instanceof HttpException)) {
    return undefined;
  }
  const status = error.getStatus();
  const phrase = STATUS_CODES[status] ?? 'Error';
  return {
    details: { ...standardMembers(codesByStatus[status] ?? phrase, status, phrase), detail: error.message },
  };
}
