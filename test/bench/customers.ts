import type { Benchmark } from "./benchmark.ts";
import { processWorkload } from "./pipeline.ts";
import { quantilesOf } from "./quantiles.ts";
import { totalMs } from "./thread-cpu.ts";

export const customers: Benchmark = {
  name: "customers",
  summary: "CPU an event with many customers, against that with few",
  async run(context) {
    const { pipelineEvents: events, customersFew, customersMany, customersRuns, shortTurnRecords } = context.sizes;
    const costOf = async (count: number, turnRecordsMax?: number): Promise<Cost> => {
      const limits = turnRecordsMax === undefined ? {} : { turnRecordsMax };
      const { cpuMs, scores } = await processWorkload(context, { events, customers: count }, limits);
      return { us: (1_000 * totalMs(cpuMs)) / events, scores };
    };
    const runs: { readonly few: Cost; readonly many: Cost }[] = [];
    for (let run = 0; run < customersRuns; run++) {
      runs.push({ few: await costOf(customersFew), many: await costOf(customersMany) });
    }
    const few = quantilesOf(runs.map((run) => run.few.us)).p50;
    const many = quantilesOf(runs.map((run) => run.many.us)).p50;
    const short = {
      few: await costOf(customersFew, shortTurnRecords),
      many: await costOf(customersMany, shortTurnRecords),
    };
    const line = (what: string, of: { readonly few: Cost; readonly many: Cost }): (string | number)[] => [
      what,
      of.few.us,
      of.few.scores,
      of.many.us,
      of.many.scores,
      of.many.us / of.few.us,
    ];
    return {
      figures: [
        { name: `CPU an event at ${customersFew} customers`, value: few, unit: "µs" },
        { name: `CPU an event at ${customersMany} customers`, value: many, unit: "µs" },
        { name: "ratio", value: many / few, unit: "", target: { atMost: 2 } },
        { name: "ratio where events hardly share a score", value: short.many.us / short.few.us, unit: "" },
      ],
      tables: [
        {
          title: "CPU an event, each run, by turns",
          columns: [
            "Turns",
            `${customersFew} customers, µs`,
            "scores",
            `${customersMany} customers, µs`,
            "scores",
            "ratio",
          ],
          rows: [
            ...runs.map((run) => line("as the product has them", run)),
            line(`of at most ${shortTurnRecords} records`, short),
          ],
          note:
            "The medians count: the speed of a virtual machine changes from one minute to the next. Who has a backlog takes long turns, and a customer is scored " +
            "once in each: the fewer customers, the more events share a score. Short turns, as who keeps up has them, show what an event costs where it is scored by itself.",
        },
      ],
    };
  },
};

interface Cost {
  /** CPU an event, all threads. */
  readonly us: number;
  readonly scores: number;
}
