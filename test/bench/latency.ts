import type { Benchmark } from "./benchmark.ts";
import { runJob } from "./child.ts";

export const latency: Benchmark = {
  name: "latency",
  summary: "from the append of an event to its score in a reader's hand",
  async run(context) {
    const { latencyEventsPerSecond: eventsPerSecond, latencySeconds: seconds, warmUpSeconds } = context.sizes;
    const customers = eventsPerSecond * (seconds + warmUpSeconds);
    const directory = await context.directory();
    context.step(`scoring ${customers} customers`);
    await runJob("append", { directory, workload: { events: customers, customers, cover: true } }, context);
    await runJob("process", { directory }, context);
    context.step(`appending ${eventsPerSecond} events a second`);
    const input = { directory, customers, eventsPerSecond, warmUpSeconds, seconds };
    const { eventToScoreMs, missing } = await runJob("latency", input, context);
    if (missing > 0) throw new Error(`${missing} events had no score`);
    const at = `at ${eventsPerSecond} events/s`;
    return {
      figures: [
        { name: `p50 ${at}`, value: eventToScoreMs.p50, unit: "ms" },
        { name: `p99 ${at}`, value: eventToScoreMs.p99, unit: "ms" },
        { name: `slowest of ${eventToScoreMs.count} ${at}`, value: eventToScoreMs.max, unit: "ms" },
      ],
      tables: [],
    };
  },
};
