import type { Benchmark } from "./benchmark.ts";
import { cpuMs, processWorkload } from "./pipeline.ts";

export const customers: Benchmark = {
  name: "customers",
  summary: "CPU an event with many customers, against that with few",
  async run(context) {
    const { pipelineEvents: events, customersFew, customersMany } = context.sizes;
    const costUs = async (count: number): Promise<number> =>
      (1_000 * cpuMs(await processWorkload(context, { events, customers: count }))) / events;
    const few = await costUs(customersFew);
    const many = await costUs(customersMany);
    return {
      figures: [
        { name: `CPU an event at ${customersFew} customers`, value: few, unit: "µs" },
        { name: `CPU an event at ${customersMany} customers`, value: many, unit: "µs" },
        { name: "ratio", value: many / few, unit: "", target: { atMost: 2 } },
      ],
      tables: [],
    };
  },
};
