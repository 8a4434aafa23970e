import type { Views } from "@tidemark/gateway/views";
import type { ControlSource } from "./control-server.ts";
import type { OpenData } from "./opened-data.ts";

/** How far queries are behind what is applied: whoever was told that his import is done asks next for what came of it. */
export function shownBy(
  views: Pick<Views, "positions">,
  { log, contracts, installation }: Pick<OpenData, "log" | "contracts" | "installation">,
): Pick<ControlSource, "shownGoal" | "shownLeft"> {
  const { processorState } = contracts.topics;
  const partitions = Array.from({ length: installation.partitions }, (_, partition) => partition);
  return {
    shownGoal: async () =>
      Promise.all(partitions.map(async (partition) => (await log.offsets(processorState, partition)).end)),
    shownLeft(goal) {
      const positions = views.positions();
      return goal.reduce((left, end, partition) => left + Math.max(0, end - (positions[partition] ?? 0)), 0);
    },
  };
}
