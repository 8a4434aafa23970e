import { type Axis, formatCount, formatPercent, roundAxis } from "./axis.ts";
import {
  ABOVE_PLOT,
  acrossOf,
  axes,
  BELOW_PLOT,
  chart,
  type ChartHeading,
  downOf,
  labelRoom,
  legend,
  nothing,
  type Plot,
  SIDE,
  valueLine,
} from "./chart.ts";
import { element, tooltip } from "./svg.ts";

export interface CalibrationChartData extends ChartHeading {
  /** What the probabilities are of, to follow "probability of": "no purchase in 39 weeks". */
  readonly event: string;
  /** Bins of predictions: their mean, the share that came true and its 95 % interval, all 0 to 1. */
  readonly bins: readonly {
    readonly count: number;
    readonly meanPredicted: number;
    readonly observed: number;
    readonly interval: { readonly lower: number; readonly upper: number };
  }[];
  /** Each customer's probability, 0 to 1, for the histogram. */
  readonly predictions: ArrayLike<number>;
}

/** Predicted probabilities against what came true, a point a bin, over a histogram of the predictions. What is not finite is left out. */
export function calibrationChart({ title, subtitle, event, bins, predictions }: CalibrationChartData): string {
  const shown = bins.filter(({ meanPredicted, observed, interval }) =>
    [meanPredicted, observed, interval.lower, interval.upper].every(Number.isFinite),
  );
  const known = Float64Array.from(predictions).filter(Number.isFinite);
  const key = legend(LEGEND, WIDTH);
  const shares = shareRange(shown, known);
  const counts = histogram(known, shares);
  const upper: Plot = withLeft({
    top: key.bottom + ABOVE_PLOT,
    height: HEIGHT,
    x: { ...shares, label: "" },
    y: { ...shares, label: "observed share" },
  });
  const lower: Plot = {
    ...upper,
    top: upper.top + HEIGHT + BETWEEN,
    height: HISTOGRAM_HEIGHT,
    x: { ...shares, label: `predicted probability of ${event}` },
    y: roundAxis({
      low: 0,
      high: Math.max(1, ...counts),
      ticks: 2,
      label: "customers",
      format: formatCount,
      whole: true,
    }),
  };
  const left = Math.max(upper.left, SIDE + labelRoom(lower.y));
  const plots = [upper, lower].map((plot) => ({ ...plot, left, width: WIDTH - left - RIGHT }));
  const [curve = upper, mass = lower] = plots;
  return chart(
    {
      title,
      subtitle,
      width: WIDTH,
      height: lower.top + HISTOGRAM_HEIGHT + BELOW_PLOT + 8,
      description: description(event, shown, known.length),
    },
    key.svg,
    axes(curve),
    shown.length === 0 ? nothing(curve) : diagonal(curve),
    ...shown.map((bin) => intervalBar(curve, bin)),
    valueLine(
      curve,
      "line thin first-line",
      shown.map(({ meanPredicted, observed }) => [meanPredicted, observed]),
    ),
    ...shown.map((bin) => point(curve, bin)),
    axes(mass),
    ...counts.map((count, k) => bar(mass, k, count)),
  );
}

const WIDTH = 720;
const HEIGHT = 400;
const HISTOGRAM_HEIGHT = 84;
/** The ticks of the upper plot and the name of the lower one's axis. */
const BETWEEN = 66;
const RIGHT = 32;
const HISTOGRAM_BINS = 40;

const LEGEND = [
  { name: "bin of equal count, 95 % interval", mark: "point", classes: "first-area" },
  { name: "as predicted", mark: "line", classes: "line thin dashed reference" },
] as const;

type Bin = CalibrationChartData["bins"][number];

/** The same range on both sides, so that the diagonal is one: from 0, unless all lies far from it. */
function shareRange(bins: readonly Bin[], predictions: Float64Array): Axis {
  let low = 1;
  let high = 0;
  for (const { meanPredicted, interval: ends } of bins) {
    low = Math.min(low, meanPredicted, ends.lower);
    high = Math.max(high, meanPredicted, ends.upper);
  }
  for (const prediction of predictions) {
    low = Math.min(low, prediction);
    high = Math.max(high, prediction);
  }
  const empty = low > high;
  return roundAxis({
    low: empty || low < high * 0.6 ? 0 : low,
    high: empty ? 1 : high,
    ticks: 5,
    label: "",
    format: formatPercent,
  });
}

function withLeft(plot: Omit<Plot, "start" | "left" | "width">): Plot {
  const left = SIDE + labelRoom(plot.y);
  return { ...plot, start: SIDE, left, width: WIDTH - left - RIGHT };
}

function histogram(predictions: Float64Array, { low, high }: Axis): number[] {
  const counts = Array.from({ length: HISTOGRAM_BINS }, () => 0);
  for (const prediction of predictions) {
    const bin = Math.floor(((prediction - low) / (high - low)) * HISTOGRAM_BINS);
    const inside = Math.max(0, Math.min(HISTOGRAM_BINS - 1, bin));
    counts[inside] = (counts[inside] ?? 0) + 1;
  }
  return counts;
}

function diagonal(plot: Plot): string {
  const { low, high } = plot.x;
  return valueLine(plot, "line thin dashed reference", [
    [low, low],
    [high, high],
  ]);
}

function intervalBar(plot: Plot, { meanPredicted, interval: { lower, upper } }: Bin): string {
  const x = acrossOf(plot, meanPredicted);
  const ends = [downOf(plot, lower), downOf(plot, upper)];
  const [y1 = 0, y2 = 0] = ends;
  const caps = ends.map((y) => element("line", { x1: x - 4, x2: x + 4, y1: y, y2: y }));
  return element("g", { class: "interval thin first-line" }, element("line", { x1: x, x2: x, y1, y2 }), ...caps);
}

function point(plot: Plot, { count, meanPredicted, observed }: Bin): string {
  const words = `${formatCount(count)} customers: predicted ${percent(meanPredicted)}, came true ${percent(observed)}`;
  const place = { cx: acrossOf(plot, meanPredicted), cy: downOf(plot, observed) };
  return element("circle", { class: "point first-area", ...place, r: 4.5 }, tooltip(words));
}

function bar(plot: Plot, k: number, count: number): string {
  if (count === 0) return "";
  const width = plot.width / HISTOGRAM_BINS;
  const y = downOf(plot, count);
  const height = plot.top + plot.height - y;
  return element("rect", { class: "bar mass", x: plot.left + k * width + 0.5, y, width: width - 1, height });
}

function description(event: string, bins: readonly Bin[], customers: number): string {
  const points = bins.map(({ meanPredicted, observed }) => `${percent(meanPredicted)} → ${percent(observed)}`);
  const said = points.length === 0 ? "no data" : points.join("; ");
  return `Predicted probability of ${event} and the share that came true, by bins of ${formatCount(customers)} customers: ${said}.`;
}

function percent(share: number): string {
  return formatPercent(Number(share.toFixed(3)));
}
