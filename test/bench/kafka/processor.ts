import type { Benchmark } from "../benchmark.ts";
import { forkJob, NODE_ARGUMENTS } from "../child.ts";
import { stagesTable } from "../pipeline.ts";
import type { ProcessFigures } from "../process-job.ts";
import { totalMs } from "../thread-cpu.ts";
import { openBeside } from "./beside.ts";
import { runKafkaJob } from "./our-program.ts";
import type { KafkaSizes } from "./sizes.ts";

export const processor: Benchmark<KafkaSizes> = {
  name: "processor",
  summary: "the scoring processor itself over as many real events, stage by stage",
  async run(context) {
    const { events, customers } = context.sizes;
    await using beside = await openBeside(context, { events: 0 });
    const address = { broker: beside.broker.bootstrap, directory: beside.directory };
    context.step(`appending ${events} events of ${customers} customers`);
    await runKafkaJob("processor-append", { ...address, workload: { events, customers } }, context);
    context.step("working them off");
    const job = { name: "processor", input: address, nodeArguments: NODE_ARGUMENTS };
    const run = await forkJob<ProcessFigures>(new URL("jobs.ts", import.meta.url), job, context).result;
    return {
      figures: [
        { name: "events a second", value: events / run.wallSeconds, unit: "/s" },
        { name: "CPU an event, all threads", value: (1_000 * totalMs(run.cpuMs)) / events, unit: "µs" },
        { name: "scores written", value: run.scores, unit: "" },
        { name: "anonymous memory at the end", value: run.anonymousMb, unit: "MB" },
      ],
      tables: [stagesTable(run, events)],
    };
  },
};
