import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestProject } from "vitest/node";
import { type Broker, startBroker } from "./broker.ts";
import { findJava, ProgramMissing } from "./java.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The URL at which test files ask for the broker that they share. */
    readonly sharedBrokerUrl: string;
    /**
     * Whether test files can start brokers of their own. False only where KAFKA_BROKERS stands in for Java: without
     * either they fail, and say what to install.
     */
    readonly ownBrokers: boolean;
  }
}

/**
 * One broker for every test file of a run that needs only topics of its own, started when the first file asks for it:
 * vitest runs this in its main process before any file, also where none of the files wants a broker.
 * @returns the teardown
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let starting: Promise<Broker> | null = null;
  const server = createServer((_, response) => {
    starting ??= startBroker();
    starting.then(
      (broker) => response.end(broker.bootstrap),
      (error: unknown) => refuse(response, error),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  project.provide("sharedBrokerUrl", `http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  project.provide("ownBrokers", (process.env["KAFKA_BROKERS"] ?? "") === "" || (await javaIsHere()));
  return async () => {
    server.close();
    server.closeAllConnections();
    // A start that failed was told to who asked.
    const broker = await starting?.catch(() => null);
    await broker?.[Symbol.asyncDispose]();
  };
}

async function javaIsHere(): Promise<boolean> {
  try {
    await findJava();
    return true;
  } catch (error) {
    if (error instanceof ProgramMissing) return false;
    throw error;
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  response.statusCode = 500;
  response.end(String(error));
}
