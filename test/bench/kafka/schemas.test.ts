import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { PEER_SCHEMAS, peerIsHere } from "./peer-files.ts";
import { SCHEMAS } from "./schemas.ts";

test.runIf(peerIsHere).each(Object.entries(SCHEMAS))("the schema %s is the peer's", (name, schema) => {
  expect(schema).toEqual(JSON.parse(readFileSync(`${PEER_SCHEMAS}/${name}.avsc`, "utf8")));
});
