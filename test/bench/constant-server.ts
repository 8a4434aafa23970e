import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { JobContext } from "./job-context.ts";

/** Answers each call with the same, until it is told to stop: what no server written for Node is faster than. Tells its url when it listens. */
export async function constantServerJob(
  { body }: { readonly body: string },
  { signal, ready }: JobContext,
): Promise<null> {
  const server = createServer((_, response) => {
    response.setHeader("content-type", "application/json; charset=utf-8").end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  ready(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(signal, "abort");
  server.closeAllConnections();
  server.close();
  return null;
}
