import type { ControlSource } from "./control-server.ts";
import { customerLines } from "./export/customer-lines.ts";
import { inspect, profileLines } from "./inspect-data.ts";
import { draftArtefact } from "./model/draft-artefact.ts";
import { listModels, publishModel } from "./model/published-models.ts";
import type { OpenData } from "./opened-data.ts";
import { replayLetters } from "./replay/replay-letters.ts";

/** What whoever has data open can tell of them and do in them; the rest of a server's answers is about its processor and its views. */
export type DataHere = Omit<ControlSource, "goal" | "left" | "shownGoal" | "shownLeft">;

export function dataHere(data: OpenData, signal: AbortSignal): DataHere {
  const { log, contracts, clock } = data;
  const { partitions } = data.installation;
  return {
    inspect: async () => inspect(data),
    profiles: () => profileLines(data),
    customer: (id) => customerLines(data, id),
    replay: async (filter) => replayLetters({ log, contracts, partitions, clock, signal }, filter),
    models: async () => listModels(data),
    publish: async (text, role) => publishModel(data, text, role),
    draft: async (tiersBy) => draftArtefact(data, tiersBy),
  };
}
