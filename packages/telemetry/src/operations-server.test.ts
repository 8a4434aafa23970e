import { afterEach, expect, test } from "vitest";
import { createHealth } from "./health.ts";
import { createMetrics } from "./metrics.ts";
import { type OperationsServer, startOperationsServer } from "./operations-server.ts";

let server: OperationsServer;
let isReady = true;

afterEach(() => server.close());

test("probes and scrapers are answered, and nothing else", async () => {
  const get = await start([]);
  expect(await get("/healthz")).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  expect(await get("/readyz?verbose")).toMatchObject({ status: 200 });
  isReady = false;
  expect(await get("/readyz")).toMatchObject({
    status: 503,
    body: '{"status":"unavailable","checks":{"log":"ok","store":"unavailable","registry":"ok"}}',
  });
  const metrics = await get("/metrics");
  expect(metrics).toMatchObject({ status: 200, type: "text/plain; version=0.0.4; charset=utf-8" });
  expect(metrics.body).toContain("tidemark_scores_total 3");
  expect(await get("/customers/canary")).toMatchObject({ status: 404, type: "application/problem+json" });
  expect(await get("/metrics", { method: "POST" })).toMatchObject({ status: 405 });
});

test("with keys, metrics want one of them and probes do not", async () => {
  const get = await start(["first", "second"]);
  expect(await get("/healthz")).toMatchObject({ status: 200 });
  expect(await get("/readyz")).toMatchObject({ status: 503 });
  expect(await get("/metrics")).toMatchObject({ status: 401 });
  expect(await get("/metrics", { headers: { authorization: "Bearer third" } })).toMatchObject({ status: 401 });
  expect(await get("/metrics", { headers: { authorization: "Bearer second" } })).toMatchObject({ status: 200 });
  expect(await get("/metrics", { headers: { "x-api-key": "first" } })).toMatchObject({ status: 200 });
});

async function start(apiKeys: readonly string[]) {
  const metrics = createMetrics("process");
  metrics.task(0).scores(3);
  const probes = { log: () => true, store: () => isReady, registry: () => true };
  server = await startOperationsServer({
    host: "127.0.0.1",
    port: 0,
    health: createHealth(probes, { timeoutMs: 1_000 }),
    metricsText: () => metrics.text(),
    apiKeys,
  });
  return async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, init);
    return { status: response.status, type: response.headers.get("content-type"), body: await response.text() };
  };
}
