import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openRegistry } from "@tidemark/contracts";
import type { RegistryUnderTest } from "./registry-under-test.ts";
import { schemaRegistryConformance } from "./schema-registry-conformance.ts";

async function inFile(directory?: string): Promise<RegistryUnderTest> {
  const place = directory ?? (await mkdtemp(join(tmpdir(), "tidemark-registry-")));
  return {
    registry: await openRegistry({ kind: "file", path: join(place, "schemas.json") }),
    reopen: () => inFile(place),
    dispose: () => rm(place, { recursive: true }),
  };
}

schemaRegistryConformance("the registry in a file", () => inFile());
