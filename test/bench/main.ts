import { backtest } from "./backtest.ts";
import { customers } from "./customers.ts";
import { distinct } from "./distinct.ts";
import { fit } from "./fit.ts";
import { forecast } from "./forecast.ts";
import { importing } from "./import.ts";
import { latency } from "./latency.ts";
import { memory } from "./memory-under-load.ts";
import { pipeline } from "./pipeline.ts";
import { query } from "./query.ts";
import { runSuite } from "./run-suite.ts";
import { FULL, QUICK } from "./sizes.ts";
import { scoring } from "./scoring.ts";
import { start } from "./start.ts";

await runSuite(
  {
    command: "npm run bench",
    benchmarks: [
      pipeline,
      customers,
      start,
      query,
      memory,
      importing,
      latency,
      fit,
      forecast,
      scoring,
      distinct,
      backtest,
    ],
    full: FULL,
    quick: QUICK,
    figures: "figures",
  },
  process.argv.slice(2),
);
