import { runSuite } from "../run-suite.ts";
import { latency } from "./latency.ts";
import { memory } from "./memory.ts";
import { processor } from "./processor.ts";
import { restore } from "./restore.ts";
import { FULL, QUICK } from "./sizes.ts";
import { throughput, throughputLong } from "./throughput.ts";

await runSuite(
  {
    command: "npm run bench:kafka",
    benchmarks: [throughput, throughputLong, latency, restore, processor, memory],
    full: FULL,
    quick: QUICK,
    figures: "kafka figures",
  },
  process.argv.slice(2),
);
