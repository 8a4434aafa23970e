import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What becomes of one request on its way: forwarded, or what stands before a registry makes of it. */
export type Way =
  | { readonly kind: "forward" }
  /** Forwarded so many milliseconds later. */
  | { readonly kind: "late"; readonly ms: number }
  /** Never answered. */
  | { readonly kind: "hold" }
  /** The registry's answer begins, and the connection ends in the middle of it. */
  | { readonly kind: "cut" }
  /** The gateway's own answer. */
  | { readonly kind: "answer"; readonly status: number; readonly body: string };

/** Stands before a real registry as a gateway does, on a port of its own. */
export interface RegistryProxy extends AsyncDisposable {
  readonly url: string;
  /** `METHOD /path` of all requests so far, the path without the API's root. */
  readonly asked: readonly string[];
  /** Requests that are neither answered nor given up. */
  readonly open: number;
  /** From now on; forwarded to begin with. */
  decide: (request: IncomingMessage) => Way;
}

/** @param target the root of the registry's API */
export async function openRegistryProxy(target: string): Promise<RegistryProxy> {
  const { hostname, port, pathname: root } = new URL(target);
  const asked: string[] = [];
  let open = 0;
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? "";
    asked.push(`${incoming.method} ${path.startsWith(root) ? path.slice(root.length) : path}`);
    open += 1;
    outgoing.on("close", () => (open -= 1));
    const way = proxy.decide(incoming);
    if (way.kind === "hold") return;
    if (way.kind === "answer") {
      outgoing.writeHead(way.status, { "content-type": "application/json" }).end(way.body);
      return;
    }
    const forward = (): void => {
      const { method, headers } = incoming;
      const forwarded = request({ hostname, port, path, method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        if (way.kind === "cut") cut(answer, outgoing);
        else answer.pipe(outgoing);
      });
      forwarded.on("error", () => outgoing.destroy());
      incoming.pipe(forwarded);
    };
    if (way.kind === "late") setTimeout(forward, way.ms);
    else forward();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: RegistryProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${root}`,
    asked,
    get open() {
      return open;
    },
    decide: () => ({ kind: "forward" }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}

function cut(answer: IncomingMessage, outgoing: ServerResponse): void {
  answer.once("data", (chunk: Buffer) => {
    outgoing.write(chunk.subarray(0, 4), () => outgoing.destroy());
    answer.destroy();
  });
}
