import { join } from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { runJob } from "./child.ts";
import { tidemark } from "./tidemark-command.ts";

export const importing: Benchmark = {
  name: "import",
  summary: "a CSV file of purchases through the command line, until all is scored",
  async run(context) {
    const { importRows, pipelineCustomers } = context.sizes;
    const directory = await context.directory();
    const file = join(directory, "purchases.csv");
    context.step(`writing a file of ${importRows} purchases`);
    const { bytes } = await runJob(
      "purchases-file",
      { file, purchases: importRows, customers: pipelineCustomers },
      context,
    );
    context.step("importing it");
    const startedAt = performance.now();
    const words = ["import", file, "--data-dir", join(directory, "data")];
    const { accepted } = await tidemark<{ readonly accepted: number }>(words, context);
    const seconds = (performance.now() - startedAt) / 1_000;
    if (accepted !== importRows) throw new Error(`${accepted} of ${importRows} rows were imported`);
    return {
      figures: [
        { name: `${importRows} purchases`, value: seconds, unit: "s", target: { atMost: 60 } },
        { name: "purchases a second", value: importRows / seconds, unit: "/s" },
        { name: "size of the file", value: bytes / 1e6, unit: "MB" },
      ],
      tables: [],
    };
  },
};
