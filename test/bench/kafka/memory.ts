import type { Benchmark } from "../benchmark.ts";
import { forkJob, NODE_ARGUMENTS } from "../child.ts";
import { openBeside, ourInput } from "./beside.ts";
import type { ScoringFigures, ScoringInput } from "./scoring-job.ts";
import type { KafkaSizes } from "./sizes.ts";

export const memory: Benchmark<KafkaSizes> = {
  name: "memory",
  summary: "whether memory stays flat over 10,000,000 events",
  async run(context) {
    const { events: early, eventsFlat: all, customers } = context.sizes;
    await using beside = await openBeside(context, { events: all, customers });
    context.step("working them off");
    // With the bounds of the product, which are reached early, and not with those of the comparison.
    const input: ScoringInput = { ...ourInput(beside, "memory"), until: "caught-up", memoryAfter: early, limits: {} };
    const job = { name: "scoring", input, nodeArguments: NODE_ARGUMENTS };
    const run = await forkJob<ScoringFigures>(new URL("jobs.ts", import.meta.url), job, context).result;
    if (run.events !== all) throw new Error(`${run.events} of ${all} events were applied`);
    return {
      figures: [
        { name: `anonymous memory after ${early} events`, value: run.memoryMb.early, unit: "MB" },
        { name: `anonymous memory after ${all} events`, value: run.memoryMb.atEnd, unit: "MB" },
        {
          name: "the second over the first",
          value: run.memoryMb.atEnd / run.memoryMb.early,
          unit: "",
          target: { atMost: 1.2 },
        },
        { name: "peak memory, files that are mapped included", value: run.peakMb, unit: "MB" },
      ],
      tables: [],
    };
  },
};
