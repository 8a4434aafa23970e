import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Health } from "./health.ts";
import { METRICS_CONTENT_TYPE } from "./metrics.ts";

/** What operators and their probes ask a process that has no other HTTP interface: /healthz, /readyz, /metrics. */
export interface OperationsServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface OperationsServerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly health: Health;
  readonly metricsText: () => Promise<string>;
  /** If there are any, /metrics wants one of them: `Authorization: Bearer KEY` or `X-API-Key: KEY`. Probes have none. */
  readonly apiKeys: readonly string[];
}

/** A few probes and a scraper or two. */
const CONNECTIONS_MAX = 64;
const REQUEST_TIMEOUT_MS = 10_000;

/** Answers when it resolves. @throws what binding the address failed with */
export async function startOperationsServer(options: OperationsServerOptions): Promise<OperationsServer> {
  const { host, port, health, metricsText } = options;
  const isKnown = keyCheck(options.apiKeys);
  // Where an operator asks elsewhere, no thread loads it. An `import` would, and more: it asks for every name of the module, and one
  // of them is a client of HTTP, 30 ms of each start.
  const { createServer } = process.getBuiltinModule("node:http");
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => {
      answer(request, response).catch(() => send(response, 500, "application/json", '{"code":"INTERNAL"}'));
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD") return problem(response, 405, "METHOD_NOT_ALLOWED");
    switch (request.url?.replace(/\?.*$/u, "")) {
      case "/healthz":
        return send(response, 200, "application/json", '{"status":"ok"}');
      case "/readyz": {
        const report = await health.check();
        return send(response, report.status === "ok" ? 200 : 503, "application/json", JSON.stringify(report));
      }
      case "/metrics":
        if (!isKnown(keyOf(request))) return problem(response, 401, "KEY_REQUIRED");
        return send(response, 200, METRICS_CONTENT_TYPE, await metricsText());
      default:
        return problem(response, 404, "NOT_FOUND");
    }
  }
}

/** RFC 9457. */
function problem(response: ServerResponse, status: number, code: string): void {
  send(response, status, "application/problem+json", JSON.stringify({ type: "about:blank", status, code }));
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "x-content-type-options": "nosniff" });
  response.end(body);
}

function keyOf({ headers }: IncomingMessage): string {
  const own = headers["x-api-key"];
  if (typeof own === "string") return own;
  return /^Bearer +(\S+) *$/iu.exec(headers.authorization ?? "")?.[1] ?? "";
}

/** Compares digests under a key of this process, and with every key, so that time tells nothing of them. */
function keyCheck(keys: readonly string[]): (given: string) => boolean {
  const secret = randomBytes(32);
  const digestOf = (text: string): Buffer => createHmac("sha256", secret).update(text).digest();
  const digests = keys.map(digestOf);
  return (given) => {
    const digest = digestOf(given);
    let isKnown = digests.length === 0;
    for (const key of digests) isKnown = timingSafeEqual(key, digest) || isKnown;
    return isKnown;
  };
}
