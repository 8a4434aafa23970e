export type { ErrorClass } from "./error-record.ts";
export { createHealth } from "./health.ts";
export type { Health, HealthComponent, HealthOptions, HealthProbe, HealthReport } from "./health.ts";
export type { LogFields, LogName } from "./log-fields.ts";
export { createLogger, LOG_LEVELS } from "./logger.ts";
export type { Logger, LoggerOptions, LogLevel } from "./logger.ts";
export { createMetrics, METRICS_CONTENT_TYPE } from "./metrics.ts";
export type { EventOutcome, Metrics, MetricsScope, MetricsSnapshot, TaskMetrics } from "./metrics.ts";
