/** What every Nest service shares: configuration, logs, health, metrics, problem+json, start and stop. */
export { defineConfiguration, parseConfiguration } from './configuration/configuration';
export { ConfigurationError } from './configuration/configuration-error';
export {
  databaseVariables,
  kafkaVariables,
  logLevels,
  readerVariables,
  registryVariables,
  serverVariables,
  stallVariables,
} from './configuration/shared-variables';
export type { ServerVariables } from './configuration/shared-variables';
export type { ConfigurationDefinition, Settings, ValueOf, Variable } from './configuration/variable';
export { expectation } from './configuration/variable-schema';
export type { ReadinessCheck } from './health/readiness';
export { createLogger } from './logging/logger';
export type { LoggerOptions, ServiceLogger } from './logging/logger';
export { Histogram } from './metrics/histogram';
export type { HistogramCounts } from './metrics/histogram';
export type { Labels, MetricFamily, MetricSource, Series } from './metrics/metric-family';
export { within } from './metrics/within';
export { InvalidRequestError } from './problem/invalid-request-error';
export { parseRequest } from './problem/parse-request';
export { problemRule, toProblem } from './problem/problem';
export type { Problem, ProblemDetails, ProblemRule, ProblemRuleOptions } from './problem/problem';
export { ListenError } from './run/listen-error';
export { runService } from './run/run-service';
export { startService } from './run/start-service';
export type { RunningService, ServiceDefinition } from './run/start-service';
