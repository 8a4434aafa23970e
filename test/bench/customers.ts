import type { Benchmark } from "./benchmark.ts";
import { processWorkload } from "./pipeline.ts";
import { quantilesOf } from "./quantiles.ts";
import { totalMs } from "./thread-cpu.ts";

export const customers: Benchmark = {
  name: "customers",
  summary: "CPU an event with many customers, against that with few",
  async run(context) {
    const { pipelineEvents: events, customersFew, customersMany, customersRuns } = context.sizes;
    const costUs = async (count: number): Promise<number> => {
      const { cpuMs } = await processWorkload(context, { events, customers: count });
      return (1_000 * totalMs(cpuMs)) / events;
    };
    const runs: { readonly few: number; readonly many: number }[] = [];
    for (let run = 0; run < customersRuns; run++) {
      runs.push({ few: await costUs(customersFew), many: await costUs(customersMany) });
    }
    const few = quantilesOf(runs.map((run) => run.few)).p50;
    const many = quantilesOf(runs.map((run) => run.many)).p50;
    return {
      figures: [
        { name: `CPU an event at ${customersFew} customers`, value: few, unit: "µs" },
        { name: `CPU an event at ${customersMany} customers`, value: many, unit: "µs" },
        { name: "ratio", value: many / few, unit: "", target: { atMost: 2 } },
      ],
      tables: [
        {
          title: "CPU an event, each run, by turns",
          columns: [`${customersFew} customers, µs`, `${customersMany} customers, µs`],
          rows: runs.map((run) => [run.few, run.many]),
          note: "The medians count: the speed of a virtual machine changes from one minute to the next.",
        },
      ],
    };
  },
};
