import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { timingSafeEqual } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Logger } from "@tidemark/telemetry";
import type { CustomerLine } from "./export/customer-lines.ts";
import { errorCodeOf } from "./failure.ts";
import type { Inspection, ProfileLine } from "./inspection.ts";
import type { Draft } from "./model/draft-artefact.ts";
import type { ModelRole, Publication, PublishedModel } from "./model/published-models.ts";
import type { ReplayFilter, ReplaySummary } from "./replay/replay-letters.ts";

/** What commands ask of the process that has the data directory open. */
export interface ControlSource {
  inspect(): Promise<Inspection>;
  profiles(): AsyncIterable<readonly ProfileLine[]>;
  /** How many records will have been applied when what is in the log now is. */
  goal(): Promise<number>;
  /** How many of them are still to come. */
  left(goal: number): number;
  /** Up to where queries will see all when they see what is applied now, a partition each. */
  shownGoal(): Promise<readonly number[]>;
  /** How many records of the changelog they do not see of that yet. */
  shownLeft(goal: readonly number[]): number;
  customer(id: string): AsyncIterable<readonly CustomerLine[]>;
  replay(filter: ReplayFilter): Promise<ReplaySummary>;
  models(): Promise<readonly PublishedModel[]>;
  publish(text: string, role: ModelRole): Promise<Publication>;
  draft(tiersBy: string | null): Promise<Draft>;
}

export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * A second, small server for the commands of this machine: it binds the loopback address at any free port, and asks for
 * a token that only a reader of `server.json` knows. So what it tells needs no place in the public interface.
 * What it could not answer is in the log.
 */
export async function startControlServer(source: ControlSource, token: string, logger: Logger): Promise<ControlServer> {
  // As in the gateway, an `import` would load a client of HTTP too.
  const { createServer } = process.getBuiltinModule("node:http");
  const server = createServer((request, response) => {
    answer(source, token, request, response).catch((error: unknown) => {
      logger.error("a command of this machine could not be answered", { error });
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: "127.0.0.1", port: 0 }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  source: ControlSource,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isAllowed(request.headers.authorization ?? "", token)) {
    response.writeHead(401).end();
    return;
  }
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://control");
  switch (pathname) {
    case "/inspect":
      sendJson(response, await source.inspect());
      return;
    case "/goal":
      sendJson(response, { goal: await source.goal() });
      return;
    case "/left":
      sendJson(response, { left: source.left(Number(searchParams.get("goal"))) });
      return;
    case "/shown-goal":
      sendJson(response, { goal: (await source.shownGoal()).join() });
      return;
    case "/shown-left":
      sendJson(response, { left: source.shownLeft((searchParams.get("goal") ?? "").split(",").map(Number)) });
      return;
    case "/profiles":
      await sendLines(response, source.profiles());
      return;
    case "/customer":
      await sendLines(response, source.customer(searchParams.get("id") ?? ""));
      return;
    case "/replay":
      if (request.method === "POST") {
        const again = searchParams.get("again") === "true";
        sendJson(response, await source.replay({ code: searchParams.get("code"), again }));
      } else response.writeHead(405).end();
      return;
    case "/draft":
      sendJson(response, await source.draft(searchParams.get("tiersBy")));
      return;
    case "/models":
      if (request.method === "POST") {
        const role = searchParams.get("role") === "challenger" ? "challenger" : "champion";
        const text = await bodyOf(request);
        if (text === null) response.writeHead(413).end();
        else sendJson(response, await source.publish(text, role));
      } else sendJson(response, await source.models());
      return;
    default:
      response.writeHead(404).end();
  }
}

/** More than an artefact may have is not read to its end. */
const BODY_BYTES_MAX = 4 * 1024 * 1024;

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function isAllowed(authorization: string, token: string): boolean {
  const [given, wanted] = [Buffer.from(authorization), Buffer.from(`Bearer ${token}`)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function sendLines(response: ServerResponse, blocks: AsyncIterable<readonly unknown[]>): Promise<void> {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  try {
    await pipeline(Readable.from(textsOf(blocks)), response);
  } catch (error) {
    // Who asked has seen enough (`| head`).
    if (errorCodeOf(error) !== "ERR_STREAM_PREMATURE_CLOSE") throw error;
  }
}

async function* textsOf(blocks: AsyncIterable<readonly unknown[]>): AsyncGenerator<string> {
  for await (const block of blocks) yield block.map((line) => `${JSON.stringify(line)}\n`).join("");
}

function sendJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}
