import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { systemClock } from "@tidemark/clock";
import { exitCodes } from "./failure.ts";
import { serverClient, type ServerClient } from "./server-client.ts";

let server: Server | null = null;
afterEach(() => {
  server?.close();
});

/** A client of a server that answers so; what the client slept, ms. */
async function clientOf(
  answer: RequestListener,
  apiKey: string | null = null,
): Promise<{ client: ServerClient; slept: number[] }> {
  server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const slept: number[] = [];
  const clock = {
    ...systemClock(),
    sleep: async (ms: number) => {
      slept.push(ms);
    },
  };
  const { signal } = new AbortController();
  return { client: serverClient({ url: `http://127.0.0.1:${port}/`, apiKey, clock, signal }), slept };
}

it("waits as long as a 503 asks for and tries again, with the same body and key", async () => {
  const bodies: string[] = [];
  const seen: (string | undefined)[] = [];
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    request.setEncoding("utf8");
    let body = "";
    for await (const chunk of request) body += String(chunk);
    bodies.push(body);
    seen.push(request.headers.authorization);
    if (bodies.length < 3) response.writeHead(503, { "retry-after": "2" }).end();
    else response.writeHead(202).end("done");
  };
  const { client, slept } = await clientOf((request, response) => void take(request, response), "sesame");
  expect(await client.call({ method: "POST", path: "/v1/events", body: "x" })).toEqual({ status: 202, text: "done" });
  expect(bodies).toEqual(["x", "x", "x"]);
  expect(seen).toEqual(["Bearer sesame", "Bearer sesame", "Bearer sesame"]);
  expect(slept).toEqual([2000, 2000]);
});

it("gives up at last, and says what a missing key is", async () => {
  const down = await clientOf((_request, response) => response.writeHead(503).end());
  const call = { method: "GET", path: "/" } as const;
  await expect(down.client.call(call)).rejects.toMatchObject({ exitCode: exitCodes.unreachable });
  expect(down.slept.length).toBeLessThan(100);
  server?.close();
  const closed = await clientOf((_request, response) => response.writeHead(401).end());
  await expect(closed.client.call(call)).rejects.toThrow("TIDEMARK_API_KEYS");
});

it("takes an answer that ends in the middle for none", async () => {
  const dying = await clientOf((_request, response) => {
    response.write("{", () => response.destroy());
  });
  await expect(dying.client.call({ method: "GET", path: "/" })).rejects.toMatchObject({
    exitCode: exitCodes.unreachable,
  });
});
