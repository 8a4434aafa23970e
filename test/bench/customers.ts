import type { Benchmark } from "./benchmark.ts";
import { processWorkload } from "./pipeline.ts";
import { totalMs } from "./thread-cpu.ts";

export const customers: Benchmark = {
  name: "customers",
  summary: "CPU an event with many customers, against that with few",
  async run(context) {
    const { pipelineEvents: events, customersFew, customersMany } = context.sizes;
    const costUs = async (count: number): Promise<number> => {
      const { cpuMs } = await processWorkload(context, { events, customers: count });
      return (1_000 * totalMs(cpuMs)) / events;
    };
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
