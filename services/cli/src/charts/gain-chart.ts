import { formatCount, formatPercent, roundAxis } from "./axis.ts";
import {
  ABOVE_PLOT,
  acrossOf,
  axes,
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
  valueLine,
} from "./chart.ts";
import { element, text, textWidth, tooltip } from "./svg.ts";

export interface GainChartData extends ChartHeading {
  /** What is captured: "revenue of the next 39 weeks". */
  readonly value: string;
  /** Rankings, the one the chart is about first; others to compare with: recency, spend, hindsight. At most three are drawn. */
  readonly rankings: readonly GainRanking[];
}

export interface GainRanking {
  readonly name: string;
  /** Groups of customers of equal size, best first: shares of customers and of value up to each one's end, and its own lift. */
  readonly groups: readonly { readonly population: number; readonly gain: number; readonly lift: number }[];
}

/** Value captured by share of the customers, and the lift of each group of the first ranking. What is not finite is left out. */
export function gainChart({ title, subtitle, value, rankings }: GainChartData): string {
  const shown = rankings.slice(0, COLOURS.length).map(({ name, groups }) => ({ name, groups: groups.filter(isKnown) }));
  const key = legend(
    [
      ...shown.map(({ name }, i) => ({ name, mark: "line", classes: `line ${COLOURS[i]}-line` }) as const),
      { name: "at random", mark: "line", classes: "line thin dashed reference" },
    ],
    WIDTH,
  );
  const top = key.bottom + ABOVE_PLOT;
  const share = { low: 0, high: 1, ticks: 5, format: formatPercent };
  const gain: Plot = plotBetween({
    from: SIDE,
    until: MIDDLE,
    top,
    x: roundAxis({ ...share, label: "customers, best first" }),
    y: roundAxis({ ...share, label: `share of ${value}` }),
  });
  const groups = shown[0]?.groups ?? [];
  const lift: Plot = plotBetween({
    from: MIDDLE + BETWEEN,
    until: WIDTH - SIDE,
    top,
    x: { low: 0, high: Math.max(1, groups.length), ticks: [], format: formatCount, label: groupName(groups.length) },
    y: roundAxis({
      low: 0,
      high: Math.max(1, ...groups.map((group) => group.lift)),
      ticks: 5,
      label: `lift${shown[0] === undefined ? "" : ` of ${shown[0].name}`}: mean value over the mean of all`,
      format: formatCount,
    }),
  });
  return chart(
    {
      title,
      subtitle,
      width: WIDTH,
      height: top + HEIGHT + BELOW_PLOT + 8,
      description: description(value, shown),
    },
    key.svg,
    axes(gain),
    groups.length === 0 ? nothing(gain) : reference(gain, 0, 1),
    ...shown.toReversed().map((ranking) => gainLine(gain, ranking, COLOURS[shown.indexOf(ranking)] ?? "")),
    axesWithLabels(
      lift,
      groups.map((_, k) => ({ number: k + 1, x: acrossOf(lift, k + 0.5), text: String(k + 1) })),
    ),
    ...groups.map((group, k) => liftBar(lift, k, group.lift, groups.length)),
    groups.length === 0 ? nothing(lift) : reference(lift, 1, 1),
    ...groups.map((group, k) => liftFigure(lift, k, group.lift, groups.length)),
  );
}

const WIDTH = 880;
const HEIGHT = 320;
const MIDDLE = 440;
const BETWEEN = 28;
const COLOURS = ["first", "second", "third"];

type Group = GainRanking["groups"][number];

function isKnown({ population, gain, lift }: Group): boolean {
  return [population, gain, lift].every(Number.isFinite);
}

interface Sides extends Pick<Plot, "top" | "x" | "y"> {
  readonly from: number;
  readonly until: number;
}

function plotBetween({ from, until, top, x, y }: Sides): Plot {
  const left = from + labelRoom(y);
  return { start: from, left, top, width: until - left, height: HEIGHT, x, y };
}

function gainLine(plot: Plot, { name, groups }: GainRanking, colour: string): string {
  if (groups.length === 0) return "";
  const line = valueLine(plot, `line ${colour}-line`, [
    [0, 0],
    ...groups.map(({ population, gain }) => [population, gain] as const),
  ]);
  const points = groups.map(({ population, gain }) =>
    element(
      "circle",
      {
        class: `point ${colour}-area`,
        cx: acrossOf(plot, population),
        cy: downOf(plot, gain),
        r: groups.length > 20 ? 2 : 3.5,
      },
      tooltip(`${name}: ${percent(population)} of the customers hold ${percent(gain)}`),
    ),
  );
  return line + points.join("");
}

function reference(plot: Plot, from: number, to: number): string {
  return valueLine(plot, "line thin dashed reference", [
    [0, from],
    [plot.x.high, to],
  ]);
}

function liftBar(plot: Plot, k: number, lift: number, count: number): string {
  const width = Math.max(0.5, (plot.width / count) * 0.72);
  const y = downOf(plot, Math.max(0, lift));
  const place = { x: acrossOf(plot, k + 0.5) - width / 2, y, width, height: plot.top + plot.height - y };
  const words = `group ${k + 1}: lift ${formatCount(Number(lift.toPrecision(3)))}`;
  return element("rect", { class: "bar first-area", ...place, rx: Math.min(2, width / 4) }, tooltip(words));
}

/** The lift in figures above its bar, where there is room. */
function liftFigure(plot: Plot, k: number, lift: number, count: number): string {
  const figure = `${formatCount(Number(lift.toPrecision(lift < 1 ? 1 : 2)))}×`;
  if (textWidth(figure, 12) > plot.width / count) return "";
  const place = { x: acrossOf(plot, k + 0.5), y: downOf(plot, Math.max(0, lift)) - 5, "text-anchor": "middle" };
  return text(figure, { class: "figure number", ...place });
}

function groupName(count: number): string {
  return count === 10 ? "decile of customers, best first" : "group of customers, best first";
}

function description(value: string, rankings: readonly GainRanking[]): string {
  const said = rankings.flatMap(({ name, groups }) => {
    const [first] = groups;
    if (first === undefined) return [];
    return `by ${name} the best ${percent(first.population)} of the customers hold ${percent(first.gain)}`;
  });
  return `Share of ${value} held by the best customers: ${said.length === 0 ? "no data" : said.join("; ")}.`;
}

function percent(share: number): string {
  return formatPercent(Number(share.toFixed(3)));
}
