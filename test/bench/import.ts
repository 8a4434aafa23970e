import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Benchmark, BenchmarkContext } from "./benchmark.ts";
import { childEnvironment, runJob } from "./child.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

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
    const summary = await importFile(file, join(directory, "data"), context);
    const seconds = (performance.now() - startedAt) / 1_000;
    if (summary.accepted !== importRows) throw new Error(`${summary.accepted} of ${importRows} rows were imported`);
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

async function importFile(
  file: string,
  dataDirectory: string,
  { signal }: BenchmarkContext,
): Promise<{ readonly accepted: number }> {
  const command = ["run", "-s", "tidemark", "--", "import", file, "--data-dir", dataDirectory, "--json"];
  const child = spawn("npm", command, {
    cwd: ROOT,
    env: childEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  const [code, printed, said] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`the import ended with exit code ${code}: ${said}`);
  return JSON.parse(printed) as { accepted: number };
}
