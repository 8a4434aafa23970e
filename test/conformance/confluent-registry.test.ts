import { openRegistry } from "@tidemark/contracts";
import { afterAll, beforeAll } from "vitest";
import { type Apicurio, startApicurio } from "../registry/apicurio.ts";
import type { RegistryUnderTest } from "./registry-under-test.ts";
import { schemaRegistryConformance } from "./schema-registry-conformance.ts";

let apicurio: Apicurio;
beforeAll(async () => {
  apicurio = await startApicurio();
}, 300_000);
afterAll(() => apicurio[Symbol.asyncDispose]());

async function overHttp(): Promise<RegistryUnderTest> {
  return {
    registry: await openRegistry({ kind: "confluent", url: apicurio.url }),
    reopen: overHttp,
    dispose: async () => undefined,
  };
}

schemaRegistryConformance("a Confluent registry", overHttp);
