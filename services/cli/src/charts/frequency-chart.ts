import { formatCount, roundAxis } from "./axis.ts";
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
import { element, text, textWidth, tooltip } from "./svg.ts";

export interface FrequencyChartData extends ChartHeading {
  /** Ascending by repeat purchases; a label each: "0", "1", …, "7+". */
  readonly frequencies: readonly { readonly label: string; readonly actual: number; readonly expected: number }[];
}

/** Customers by their number of repeat purchases, actual and expected side by side. What is not finite is left out. */
export function frequencyChart({ title, subtitle, frequencies }: FrequencyChartData): string {
  const shown = frequencies.filter(({ actual, expected }) => Number.isFinite(actual) && Number.isFinite(expected));
  const key = legend(
    SERIES.map(({ name, classes }) => ({ name, mark: "area", classes })),
    WIDTH,
  );
  const y = roundAxis({
    low: 0,
    high: Math.max(1, ...shown.flatMap(({ actual, expected }) => [actual, expected])),
    ticks: 5,
    label: "customers",
    format: formatCount,
    whole: true,
  });
  const left = SIDE + labelRoom(y);
  const plot: Plot = {
    start: SIDE,
    left,
    top: key.bottom + ABOVE_PLOT,
    width: WIDTH - left - SIDE,
    height: HEIGHT,
    x: { low: 0, high: Math.max(1, shown.length), ticks: [], format: formatCount, label: "repeat purchases" },
    y,
  };
  return chart(
    { title, subtitle, width: WIDTH, height: plot.top + HEIGHT + BELOW_PLOT + 8, description: description(shown) },
    key.svg,
    axesWithLabels(
      plot,
      shown.map(({ label }, k) => ({ number: k, x: acrossOf(plot, k + 0.5), text: label })),
    ),
    bars(plot, shown),
    shown.length === 0 ? nothing(plot) : "",
  );
}

const WIDTH = 720;
const HEIGHT = 320;
/** Of the room of a group, what its two bars take. */
const FILLED = 0.82;

type Frequency = FrequencyChartData["frequencies"][number];

const SERIES = [
  { name: "actual", classes: "second-area", of: ({ actual }: Frequency) => actual },
  { name: "expected", classes: "first-area", of: ({ expected }: Frequency) => expected },
] as const;

function bars(plot: Plot, shown: readonly Frequency[]): string {
  const room = (plot.width / Math.max(1, shown.length)) * (FILLED / SERIES.length);
  const figure = (value: number): string => formatCount(Math.round(value));
  const widest = Math.max(
    0,
    ...shown.flatMap((one) => SERIES.map(({ of }) => textWidth(figure(of(one)), FIGURE_SIZE))),
  );
  return shown
    .flatMap((one, k) =>
      SERIES.map(({ name, classes, of }, i) => {
        const value = of(one);
        const y = downOf(plot, Math.max(0, value));
        const x = acrossOf(plot, k + 0.5) + (i - 1) * room;
        const width = Math.max(0.3, Math.min(room - 1, BAR_MAX));
        const at = i === 0 ? x + room - 0.5 - width : x + 0.5;
        const height = Math.max(0, plot.top + plot.height - y);
        const words = `${one.label} repeat purchases: ${formatCount(Number(value.toPrecision(6)))} customers ${name}`;
        const bar = element("rect", { class: `bar ${classes}`, x: at, y, width, height }, tooltip(words));
        // Figures for every bar or for none.
        if (widest > width) return bar;
        const place = { x: at + width / 2, y: y - 5, "text-anchor": "middle", "font-size": FIGURE_SIZE };
        return bar + text(figure(value), { class: "soft figure number", ...place });
      }),
    )
    .join("");
}

const FIGURE_SIZE = 11;
const BAR_MAX = 90;

function description(shown: readonly Frequency[]): string {
  const said = shown.map(
    ({ label, actual, expected }) => `${label}: ${formatCount(actual)} and ${formatCount(Math.round(expected))}`,
  );
  return `Customers by number of repeat purchases, actual and expected: ${said.length === 0 ? "no data" : said.join("; ")}.`;
}
