import { type Health, METRICS_CONTENT_TYPE } from "@tidemark/telemetry";
import { healthBody, metricsBody, readyBody } from "./bodies.ts";
import type { HttpServer } from "./http-server.ts";

/** What operators and their probes ask for. */
export function addOperationsRoutes(
  server: HttpServer,
  { health, metricsText }: { readonly health: Health; readonly metricsText: () => Promise<string> },
): void {
  server.get(
    "/healthz",
    {
      config: { open: true },
      schema: { tags: ["operations"], summary: "Whether the process answers", response: { 200: healthBody } },
    },
    () => ({ status: "ok" as const }),
  );
  server.get(
    "/readyz",
    {
      config: { open: true },
      schema: {
        tags: ["operations"],
        summary: "Whether it can do its work",
        response: { 200: readyBody, 503: readyBody },
      },
    },
    async (_request, reply) => {
      const report = await health.check();
      return reply.code(report.status === "ok" ? 200 : 503).send(report);
    },
  );
  server.get(
    "/metrics",
    {
      schema: {
        tags: ["operations"],
        summary: "Metrics in the text format of Prometheus",
        produces: ["text/plain"],
        response: { 200: metricsBody },
      },
    },
    async (_request, reply) =>
      reply.header("content-type", METRICS_CONTENT_TYPE).send(Buffer.from(await metricsText())),
  );
}
