import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { backtest } from "./backtest.ts";
import type { Benchmark } from "./benchmark.ts";
import { customers } from "./customers.ts";
import { distinct } from "./distinct.ts";
import { fit } from "./fit.ts";
import { forecast } from "./forecast.ts";
import { importing } from "./import.ts";
import { latency } from "./latency.ts";
import { describeRun } from "./machine.ts";
import { memory } from "./memory-under-load.ts";
import { helpText, type Options, parseOptions } from "./options.ts";
import { pipeline } from "./pipeline.ts";
import { query } from "./query.ts";
import { type BenchmarkReport, intoPage, markdownReport, type Report, textReport } from "./report.ts";
import { FULL, QUICK } from "./sizes.ts";
import { start } from "./start.ts";

const BENCHMARKS: readonly Benchmark[] = [
  pipeline,
  customers,
  start,
  query,
  memory,
  importing,
  latency,
  fit,
  forecast,
  distinct,
  backtest,
];

const words = process.argv.slice(2);
const interrupted = new AbortController();
// One signal often comes twice, from the terminal and from npm: each only says that it is enough.
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => interrupted.abort(new Error("interrupted")));
}

try {
  const options = parseOptions(words, BENCHMARKS);
  if (options.help) console.log(helpText(BENCHMARKS));
  else await measure(options);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 2;
}

async function measure(options: Options): Promise<void> {
  const benchmarks: BenchmarkReport[] = [];
  for (const benchmark of options.chosen) {
    if (interrupted.signal.aborted) break;
    benchmarks.push(await runOne(benchmark, options));
  }
  const report: Report = { run: describeRun(measuringWords(options)), quick: options.quick, benchmarks };
  console.log(options.json ? JSON.stringify(report, null, 2) : textReport(report));
  if (options.markdown !== null) await writeMarkdown(options.markdown, report);
  if (interrupted.signal.aborted || benchmarks.some(({ failure }) => failure !== null)) process.exitCode = 1;
}

function measuringWords({ quick, chosen }: Options): string[] {
  const all = chosen.length === BENCHMARKS.length;
  return [...(quick ? ["--quick"] : []), ...(all ? [] : [`--only ${chosen.map(({ name }) => name).join(",")}`])];
}

/** One benchmark that fails does not take the others along. */
async function runOne({ name, run }: Benchmark, options: Options): Promise<BenchmarkReport> {
  const startedAt = performance.now();
  const step = (text: string): void => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    console.error(`${name.padEnd(10)} ${seconds.padStart(4)} s  ${text}`);
  };
  const ended = new AbortController();
  const signal = AbortSignal.any([interrupted.signal, ended.signal]);
  const directories: string[] = [];
  try {
    const outcome = await run({
      sizes: options.quick ? QUICK : FULL,
      signal,
      step,
      wait: (ms) => after(ms, undefined, { signal }),
      async directory() {
        const directory = await mkdtemp(join(resolve(options.directory ?? tmpdir()), "tidemark-bench-"));
        directories.push(directory);
        return directory;
      },
    });
    step("done");
    return { name, failure: null, ...outcome };
  } catch (error) {
    const failure = interrupted.signal.aborted ? "interrupted" : messageOf(error);
    step(`failed: ${failure}`);
    return { name, failure };
  } finally {
    // Children that are left when a benchmark failed.
    ended.abort();
    for (const directory of directories) await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function writeMarkdown(file: string, report: Report): Promise<void> {
  const page = await readFile(file, "utf8").catch(() => "");
  await writeFile(file, intoPage(page, markdownReport(report)));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
