import { join } from "node:path";
import type { Benchmark } from "./benchmark.ts";
import { cdnowCustomers, writeCustomers } from "./cdnow-file.ts";
import { runJob } from "./child.ts";
import { openPeer, peerNote } from "./peer.ts";

/** As published for CDNOW's sample: weeks and dollars. */
const MBG = { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 };
const GAMMA_GAMMA = { p: 6.24957, q: 3.74422, v: 15.44353 };

interface PeerForecast {
  readonly standingUs: number;
  readonly weeklyValueUs: number;
  readonly monthlyValueUs: number;
  readonly values: readonly number[];
}

export const forecast: Benchmark = {
  name: "forecast",
  summary: "what is said of one customer, MBG/NBD, beside the Python package lifetimes",
  async run(context) {
    const { forecastSeconds: seconds } = context.sizes;
    const file = join(await context.directory(), "sample.csv");
    await writeCustomers(file, cdnowCustomers("sample") ?? []);
    const runPeer = await openPeer(context);
    context.step("one customer after the other");
    const terms = { silenceWeeks: 12, horizonWeeks: 52, discountRate: 0.1 };
    const own = await runJob("forecast", { mbg: MBG, gammaGamma: GAMMA_GAMMA, ...terms, seconds }, context);
    context.step("lifetimes, all customers at once");
    const parameters = JSON.stringify({ ...MBG, ...GAMMA_GAMMA });
    const peer = await runPeer<PeerForecast>(["forecast", file, `${seconds}`, parameters]);
    const ofPeer = (value: (result: PeerForecast) => number): number =>
      peer.measured ? value(peer.result) : Number.NaN;
    const apart = ofPeer(({ values }) =>
      values.reduce((most, value, i) => Math.max(most, Math.abs(value / (own.values[i] ?? Number.NaN) - 1)), 0),
    );
    const exact = `the weekly sum, largest relative error over ${own.customers} customers`;
    return {
      figures: [
        { name: "P(alive), silence and E[Y(52)]", value: own.standingUs, unit: "µs", target: { atMost: 2 } },
        { name: "value over 52 weeks, on top", value: own.value.us, unit: "µs", target: { atMost: 4 } },
        { name: `value against ${exact}`, value: own.value.errorMax, unit: "", target: { atMost: 1e-6 } },
        { name: "value by the curves that scoring keeps", value: own.valueByCurves.us, unit: "µs" },
        { name: `the same against ${exact}`, value: own.valueByCurves.errorMax, unit: "", target: { atMost: 1e-6 } },
        {
          name: "lifetimes: P(alive), silence and E[Y(52)]",
          value: ofPeer(({ standingUs }) => standingUs),
          unit: "µs",
        },
        {
          name: "lifetimes: value over 52 weeks, summed weekly",
          value: ofPeer(({ weeklyValueUs }) => weeklyValueUs),
          unit: "µs",
        },
      ],
      tables: [
        {
          title: "One customer",
          columns: ["What", "How", "µs", "lifetimes, µs"],
          rows: [
            ["P(alive), silence, E[Y(52)]", "formulas", own.standingUs, ofPeer(({ standingUs }) => standingUs)],
            ["value", "quadrature of the weekly sum", own.value.us, ""],
            ["value", "curves, made once for a model", own.valueByCurves.us, ""],
            ["value", "weekly sum", own.sumUs, ofPeer(({ weeklyValueUs }) => weeklyValueUs)],
            ["value", "lifetimes' own: twelve months", "", ofPeer(({ monthlyValueUs }) => monthlyValueUs)],
          ],
          note:
            "Ours one after the other, lifetimes' vectorised over all customers: its time by their number. Value is discounted purchases × " +
            `expected value of one, and holds P(alive).${agreement(apart)}${peerNote([peer])}`,
        },
      ],
    };
  },
};

function agreement(apart: number): string {
  return Number.isNaN(apart) ? "" : ` The weekly sums of both differ by ${apart.toExponential(1)} of a value at most.`;
}
