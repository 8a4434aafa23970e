import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { emptyProfile, openContracts } from "@tidemark/contracts";
import { applyEvent } from "../src/apply-event.ts";
import { createModel } from "../src/model.ts";
import { defaultArtefact } from "../src/default-artefact.ts";
import { sampleEvent } from "../src/sample-event.ts";

// Run once a version of schemas/processor-state.avsc is recorded: keeps a profile as this code writes it, for the code to come to read.
const FIXTURES = new URL("../../../test/fixtures/profiles/", import.meta.url);
const version = readdirSync(new URL("../../../schemas/history/processor-state/", import.meta.url)).length;
const events = JSON.parse(readFileSync(new URL("events.json", FIXTURES), "utf8")) as { readonly type: string }[];

const model = createModel(defaultArtefact());
const profile = emptyProfile("c1");
for (const event of events) {
  const outcome = applyEvent(profile, sampleEvent(event), { referenceAt: null, model, consentDefault: "granted" });
  if (outcome !== "applied") throw new Error("an event of events.json was not applied");
}
const registry = {
  register: async () => 1,
  fetch: async () => {
    throw new Error("the only schema is the newest");
  },
};
const { codecs } = await openContracts({ registry, prefix: "recorded." });
const value = Buffer.from(codecs.processorState.encode(profile)).subarray(5).toString("base64");
const file = new URL(`${String(version).padStart(4, "0")}.json`, FIXTURES);
writeFileSync(file, `${JSON.stringify({ events, value }, null, 2)}\n`);
