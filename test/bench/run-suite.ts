import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import type { Benchmark } from "./benchmark.ts";
import { describeRun } from "./machine.ts";
import { helpText, type Options, parseOptions } from "./options.ts";
import { type BenchmarkReport, intoPage, markdownSections, type Report, textReport } from "./report.ts";

/** Benchmarks that are run by one command. */
export interface Suite<Sizes> {
  /** As it is typed. */
  readonly command: string;
  readonly benchmarks: readonly Benchmark<Sizes>[];
  readonly full: Sizes;
  readonly quick: Sizes;
  /** Names the markers between which a page holds the report. */
  readonly figures: string;
}

/** Does what the words of the command line ask for, and sets the exit code. */
export async function runSuite<Sizes>(suite: Suite<Sizes>, words: readonly string[]): Promise<void> {
  const interrupted = new AbortController();
  // One signal often comes twice, from the terminal and from npm: each only says that it is enough.
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => interrupted.abort(new Error("interrupted")));
  }
  try {
    const options = parseOptions(words, suite.benchmarks);
    if (options.help) console.log(helpText(suite.command, suite.benchmarks));
    else await measure(suite, options, interrupted.signal);
  } catch (error) {
    console.error(messageOf(error));
    process.exitCode = 2;
  }
}

async function measure<Sizes>(
  suite: Suite<Sizes>,
  options: Options<Benchmark<Sizes>>,
  interrupted: AbortSignal,
): Promise<void> {
  const benchmarks: BenchmarkReport[] = [];
  for (const benchmark of options.chosen) {
    if (interrupted.aborted) break;
    benchmarks.push(await runOne(benchmark, suite, options, interrupted));
  }
  const run = describeRun(suite.command, measuringWords(suite, options));
  const report: Report = { run, quick: options.quick, benchmarks };
  console.log(options.json ? JSON.stringify(report, null, 2) : textReport(report));
  if (options.markdown !== null) await writeMarkdown(options.markdown, report, suite);
  if (interrupted.aborted || benchmarks.some(({ failure }) => failure !== null)) process.exitCode = 1;
}

function measuringWords<Sizes>({ benchmarks }: Suite<Sizes>, { quick, chosen }: Options<Benchmark<Sizes>>): string[] {
  const all = chosen.length === benchmarks.length;
  return [...(quick ? ["--quick"] : []), ...(all ? [] : [`--only ${chosen.map(({ name }) => name).join(",")}`])];
}

/** One benchmark that fails does not take the others along. */
async function runOne<Sizes>(
  { name, run }: Benchmark<Sizes>,
  { full, quick }: Suite<Sizes>,
  options: Options<Benchmark<Sizes>>,
  interrupted: AbortSignal,
): Promise<BenchmarkReport> {
  const startedAt = performance.now();
  const step = (text: string): void => {
    const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
    console.error(`${name.padEnd(10)} ${seconds.padStart(4)} s  ${text}`);
  };
  const ended = new AbortController();
  const signal = AbortSignal.any([interrupted, ended.signal]);
  const directories: string[] = [];
  try {
    const outcome = await run({
      sizes: options.quick ? quick : full,
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
    const failure = interrupted.aborted ? "interrupted" : messageOf(error);
    step(`failed: ${failure}`);
    return { name, failure };
  } finally {
    // Children that are left when a benchmark failed.
    ended.abort();
    for (const directory of directories) await rm(directory, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function writeMarkdown<Sizes>(file: string, report: Report, suite: Suite<Sizes>): Promise<void> {
  const page = await readFile(file, "utf8").catch(() => "");
  const order = suite.benchmarks.map(({ name }) => name);
  await writeFile(file, intoPage(page, markdownSections(report), suite.figures, order));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
