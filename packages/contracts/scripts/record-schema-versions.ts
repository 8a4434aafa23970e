import { SCHEMA_NAMES } from "../src/schema.ts";
import { recordVersion } from "../src/schema-history.ts";

// Run after a change to schemas/*.avsc, and commit what it adds.
for (const name of SCHEMA_NAMES) {
  const file = recordVersion(name);
  if (file !== null) process.stdout.write(`schemas/history/${name}/${file}\n`);
}
