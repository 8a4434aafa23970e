import { formatCount, formatPercent, roundAxis } from "./axis.ts";
import {
  ABOVE_PLOT,
  acrossOf,
  axesWithLabels,
  BELOW_PLOT,
  chart,
  type ChartHeading,
  downOf,
  labelRoom,
  legend,
  nothing,
  type Plot,
  SIDE,
} from "./chart.ts";
import { element, text, tooltip } from "./svg.ts";

export interface OutcomeChartData extends ChartHeading {
  /** What the shares are of. */
  readonly value: string;
  /** What the groups are by. */
  readonly group: string;
  /** Names of the two bars of each group. */
  readonly series: readonly [string, string];
  readonly groups: readonly { readonly label: string; readonly outcomes: readonly Outcome[] }[];
}

export interface Outcome {
  /** 0 to 1, with its interval; not finite = there is none. */
  readonly share: number;
  readonly lower: number;
  readonly upper: number;
  /** Cases behind it. */
  readonly of: number;
}

/** The share with an outcome by group, two bars each with their intervals. What is not finite is left out. */
export function outcomeChart(data: OutcomeChartData): string {
  const { title, subtitle, value, group, groups, series } = data;
  const key = legend(
    series.map((name, i) => ({ name, mark: "area", classes: CLASSES[i] ?? "" })),
    WIDTH,
  );
  const uppers = groups.flatMap(({ outcomes }) => outcomes.map(({ upper }) => upper)).filter(Number.isFinite);
  const y = roundAxis({
    low: 0,
    high: Math.min(1, Math.max(0.1, ...uppers)),
    ticks: 5,
    label: value,
    format: formatPercent,
  });
  const left = SIDE + labelRoom(y);
  const plot: Plot = {
    start: SIDE,
    left,
    top: key.bottom + ABOVE_PLOT,
    width: WIDTH - left - SIDE,
    height: HEIGHT,
    x: { low: 0, high: Math.max(1, groups.length), ticks: [], format: formatCount, label: group },
    y,
  };
  const labels = groups.map(({ label }, k) => ({ number: k, x: acrossOf(plot, k + 0.5), text: label }));
  return chart(
    { title, subtitle, width: WIDTH, height: plot.top + HEIGHT + BELOW_PLOT + 8, description: description(data) },
    key.svg,
    axesWithLabels(plot, labels),
    ...groups.map((one, k) => bars(plot, one, k, data)),
    uppers.length === 0 ? nothing(plot) : "",
  );
}

const WIDTH = 720;
const HEIGHT = 280;
const CLASSES = ["mass", "first-area"];
const BAR_WIDTH = 64;
const FIGURE_SIZE = 11;

function bars(
  plot: Plot,
  { label, outcomes }: OutcomeChartData["groups"][number],
  place: number,
  { series, value }: OutcomeChartData,
): string {
  const room = plot.width / Math.max(1, plot.x.high);
  const width = Math.min(BAR_WIDTH, room / 2 - 6);
  return outcomes
    .map(({ share, lower, upper, of }, i) => {
      if (![share, lower, upper].every(Number.isFinite)) return "";
      const x = acrossOf(plot, place + 0.5) + (i === 0 ? -width - 2 : 2);
      const y = downOf(plot, share);
      const middle = x + width / 2;
      const words = `${label}, ${series[i] ?? ""}: ${formatPercent(rounded(share))} ${value} of ${formatCount(of)}`;
      const bar = { class: `bar ${CLASSES[i] ?? ""}`, x, y, width, height: Math.max(0, plot.top + plot.height - y) };
      const whisker = { class: "reference", x1: middle, x2: middle, y1: downOf(plot, lower), y2: downOf(plot, upper) };
      const figure = { x: middle, y: downOf(plot, upper) - 6, "text-anchor": "middle", "font-size": FIGURE_SIZE };
      return (
        element("rect", bar, tooltip(words)) +
        element("line", { ...whisker, "stroke-width": 2 }) +
        text(formatPercent(rounded(share)), { class: "soft figure number", ...figure })
      );
    })
    .join("");
}

/** To tenths of a percent. */
function rounded(share: number): number {
  return Math.round(share * 1000) / 1000;
}

function description({ value, groups, series }: OutcomeChartData): string {
  const said = groups.map(({ label, outcomes }) => {
    const shares = outcomes.map(({ share }) => (Number.isFinite(share) ? formatPercent(rounded(share)) : "none"));
    return `${label}: ${shares.join(" and ")}`;
  });
  return `The ${value}, ${series.join(" and ")}: ${said.length === 0 ? "no data" : said.join("; ")}.`;
}
