import { join } from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { runJob } from "./child.ts";
import { tidemark } from "./tidemark-command.ts";

const DAYS = 365;

export const scoring: Benchmark = {
  name: "scoring",
  summary: "what an event costs to apply and a customer to score, by part, in the simulated shop",
  async run(context) {
    const { scoringCustomers: customers, scoringSeconds: seconds } = context.sizes;
    const directory = await context.directory();
    const file = join(directory, "shop.ndjson");
    context.step(`a year of a shop of ${customers} customers`);
    await tidemark(
      ["simulate", "--customers", `${customers}`, "--days", `${DAYS}`, "--currency", "USD", "--out", file],
      context,
    );
    context.step("apply and score");
    const { events, profiles, troubled, applyUs, applyKeptUs, parts, scoreAndDueUs } = await runJob(
      "scoring",
      { file, schemasFile: join(directory, "schemas.json"), seconds },
      context,
    );
    return {
      figures: [
        { name: "apply, an event", value: applyUs, unit: "µs", target: { atMost: 3 } },
        { name: "apply, an event, all states and records kept decoded", value: applyKeptUs, unit: "µs" },
        { name: "score and due time, a customer", value: scoreAndDueUs, unit: "µs", target: { atMost: 12 } },
      ],
      tables: [
        {
          title: "What a customer costs to score",
          columns: ["Part", "Of which customers", "µs"],
          rows: parts.map(({ name, of, us }) => [name, of, us]),
          note:
            `${events.toLocaleString("en")} events of ${profiles.toLocaleString("en")} customers, ${troubled.toLocaleString("en")} of whom ` +
            "something speaks for or against beside silence and visits. Each is scored as of an hour after the newest event. Reasons and the rest are what score takes beside the parts " +
            "that are measured by themselves; due is what the next due time takes on top of score.",
        },
      ],
    };
  },
};
