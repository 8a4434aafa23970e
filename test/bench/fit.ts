import { join } from "node:path";
import { createPurchaseModel, gammaGammaLogLikelihood, type PurchaseModelSpec } from "@tidemark/models";
import type { Benchmark, BenchmarkContext } from "./benchmark.ts";
import { type CdnowCustomer, cdnowCustomers, type CdnowData, writeCustomers } from "./cdnow-file.ts";
import { runJob } from "./child.ts";
import type { Figure, Table } from "./figure.ts";
import type { FitResult, FittedModel } from "./fit-job.ts";
import { openPeer, type PeerAnswer, peerNote, type RunPeer } from "./peer.ts";
import { type Timing, type Timings, timingsOf } from "./timing.ts";

interface Fit {
  readonly model: FittedModel;
  readonly data: CdnowData;
  readonly msMax?: number;
}

const FITS: readonly Fit[] = [
  { model: "MBG/NBD", data: "sample", msMax: 100 },
  { model: "BG/NBD", data: "sample", msMax: 100 },
  { model: "Pareto/NBD", data: "sample", msMax: 500 },
  { model: "MBG/CNBD-k", data: "sample", msMax: 1_000 },
  { model: "Gamma-Gamma", data: "sample" },
  { model: "Pareto/NBD", data: "master", msMax: 2_000 },
  { model: "Gamma-Gamma", data: "master" },
];
/** Two searches for one top of ln L end no farther apart than this. */
const LOG_LIKELIHOOD_SAME = 1e-3;

interface PeerFit {
  readonly timings: readonly Timing[];
  readonly parameters: Readonly<Record<string, number>>;
  readonly logLikelihood: number;
}

interface Fitted extends Fit {
  readonly own: FitResult;
  readonly peer: PeerAnswer<PeerFit & Timings>;
  /** By our formula, at the parameters that the peer found. */
  readonly atPeer: number;
}

export const fit: Benchmark = {
  name: "fit",
  summary: "models fitted to CDNOW, beside the Python package lifetimes",
  async run(context) {
    const directory = await context.directory();
    const runPeer = await openPeer(context);
    const fitted: Fitted[] = [];
    const absent = new Set<CdnowData>();
    for (const one of FITS) {
      const customers = cdnowCustomers(one.data);
      if (customers === null) absent.add(one.data);
      else fitted.push(await fitBoth(one, customers, directory, runPeer, context));
    }
    const notHere = absent.has("master") ? " The master file is not on this machine." : "";
    const note = `${peerNote(fitted.map(({ peer }) => peer))}${notHere}`;
    return {
      figures: fitted.flatMap(figuresOf),
      tables: [timeTable(fitted, note), optimumTable(fitted, note)],
    };
  },
};

async function fitBoth(
  one: Fit,
  customers: readonly CdnowCustomer[],
  directory: string,
  runPeer: RunPeer,
  context: BenchmarkContext,
): Promise<Fitted> {
  const { model, data } = one;
  const { fitRuns, peerFitRuns } = context.sizes;
  context.step(`${model} on the ${data}`);
  const own = await runJob("fit", { data, model, runs: fitRuns }, context);
  const file = join(directory, `${data}.csv`);
  await writeCustomers(file, customers);
  const answer: PeerAnswer<PeerFit> =
    model === "MBG/CNBD-k"
      ? { measured: false, because: "" }
      : await runPeer<PeerFit>(["fit", model, file, `${peerFitRuns}`]);
  if (!answer.measured) return { ...one, own, peer: answer, atPeer: Number.NaN };
  const { result } = answer;
  const atPeer = logLikelihood(model, result.parameters, customers);
  return { ...one, own, peer: { measured: true, result: { ...result, ...timingsOf(result.timings) } }, atPeer };
}

function logLikelihood(
  model: FittedModel,
  parameters: Readonly<Record<string, number>>,
  customers: readonly CdnowCustomer[],
): number {
  const sum = (of: (customer: CdnowCustomer) => number): number => customers.reduce((total, one) => total + of(one), 0);
  if (model === "Gamma-Gamma") {
    const { p = Number.NaN, q = Number.NaN, v = Number.NaN } = parameters;
    return sum(({ x, m }) => (x > 0 && m > 0 ? gammaGammaLogLikelihood({ p, q, v }, x, m) : 0));
  }
  // Checked by the model: a name that is missing is refused.
  const { logLikelihood: of } = createPurchaseModel({ model, parameters } as unknown as PurchaseModelSpec);
  return sum(({ x, tx, T }) => of(x, tx, T));
}

function figuresOf({ model, data, msMax, own, peer }: Fitted): Figure[] {
  const of = `${model} on the ${data}`;
  const target = msMax === undefined ? {} : { target: { atMost: msMax } };
  const times: Figure[] = [
    { name: `${of}: first fit of a process`, value: own.first.wallMs, unit: "ms", ...target },
    { name: `${of}: median of the next`, value: own.median.wallMs, unit: "ms", ...target },
  ];
  if (model === "MBG/CNBD-k") return times;
  const ratio = peer.measured ? peer.result.median.wallMs / own.median.wallMs : Number.NaN;
  const apart = peer.measured ? Math.abs(peer.result.logLikelihood - own.logLikelihood) : Number.NaN;
  return [
    ...times,
    { name: `${of}: lifetimes' median fit over ours`, value: ratio, unit: "×" },
    { name: `${of}: |ln L − lifetimes' ln L|`, value: apart, unit: "", target: { atMost: LOG_LIKELIHOOD_SAME } },
  ];
}

function timeTable(fitted: readonly Fitted[], note: string): Table {
  return {
    title: "Time of a fit, ms",
    columns: ["Model", "Data", "First", "CPU", "Median", "CPU", "lifetimes: first", "CPU", "Median", "CPU"],
    rows: fitted.map(({ model, data, own, peer }) => {
      const ofPeer = peer.measured ? timeCells(peer.result) : Array.from({ length: 4 }, () => unmeasured(peer.because));
      return [model, data, ...timeCells(own), ...ofPeer];
    }),
    note:
      "First is the first fit of a process, when nothing is compiled; median is of those after it. CPU is of all threads of the process, V8's " +
      `compilers and numpy's algebra among them. Starting the process and reading the data are not in it, for neither.${note}`,
  };
}

function optimumTable(fitted: readonly Fitted[], note: string): Table {
  return {
    title: "Where the fits ended",
    columns: ["Model", "Data", "ln L", "lifetimes' ln L", "Ours there", "Parameters", "lifetimes' parameters"],
    rows: fitted.map(({ model, data, own, peer, atPeer }) => {
      const ln = own.logLikelihood.toFixed(5);
      const parameters = parametersText(own.parameters);
      if (!peer.measured) return [model, data, ln, unmeasured(peer.because), "", parameters, ""];
      const { result } = peer;
      const peerLn = result.logLikelihood.toFixed(5);
      return [model, data, ln, peerLn, atPeer.toFixed(5), parameters, parametersText(result.parameters)];
    }),
    note:
      "lifetimes' ln L is computed by its script from the papers' formulas at the parameters that it found; beside it what ours give at these. " +
      `It has no CNBD-k.${note}`,
  };
}

function timeCells({ first, median }: Timings): number[] {
  return [first.wallMs, first.cpuMs, median.wallMs, median.cpuMs];
}

/** A model that the peer does not have is no gap. */
function unmeasured(because: string): string {
  return because === "" ? "" : "not measured";
}

function parametersText(parameters: Readonly<Record<string, number>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${name} ${value.toPrecision(6)}`)
    .join(", ");
}
