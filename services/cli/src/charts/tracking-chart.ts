import { formatCount, roundAxis } from "./axis.ts";
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
  NAME_ABOVE,
  nothing,
  type Plot,
  SIDE,
  valueLine,
} from "./chart.ts";
import { element, fitText, text, textWidth } from "./svg.ts";

export interface TrackingChartData extends ChartHeading {
  /** By week from the start, ascending: repeat purchases of all customers up to its end. */
  readonly weeks: readonly { readonly week: number; readonly actual: number; readonly expected: number }[];
  /** The week after which the model had seen nothing. */
  readonly calibrationEnd: number;
}

/** Cumulative repeat purchases, actual and expected, with the end of the calibration marked. What is not finite is left out. */
export function trackingChart({ title, subtitle, weeks, calibrationEnd }: TrackingChartData): string {
  const shown = weeks.filter((week) => [week.week, week.actual, week.expected].every(Number.isFinite));
  const key = legend(
    SERIES.map(({ name, line }) => ({ name, mark: "line", classes: line })),
    WIDTH,
  );
  const top = key.bottom + ABOVE_PLOT + MARK_ROW;
  const y = roundAxis({
    low: 0,
    high: Math.max(1, ...shown.flatMap(({ actual, expected }) => [actual, expected])),
    ticks: 5,
    label: "repeat purchases so far",
    format: formatCount,
    whole: true,
  });
  const lastWeek = Math.max(1, calibrationEnd, ...shown.map(({ week }) => week));
  const left = SIDE + labelRoom(y);
  const round = roundAxis({ low: 0, high: lastWeek, ticks: 8, label: "week", format: formatCount, whole: true });
  // The time stops where the data do, not at the next round week.
  const x = { ...round, high: lastWeek, ticks: round.ticks.filter((tick) => tick <= lastWeek) };
  const plot: Plot = { start: SIDE, left, top, width: WIDTH - left - RIGHT, height: HEIGHT, x, y };
  const frame = { title, subtitle, width: WIDTH, height: top + HEIGHT + BELOW_PLOT + 8 };
  return chart(
    { ...frame, description: description(shown, calibrationEnd) },
    key.svg,
    holdOut(plot, calibrationEnd),
    axes({ ...plot, y: { ...y, label: "" } }),
    text(y.label, { x: SIDE, y: top - NAME_ABOVE - MARK_ROW }),
    ...SERIES.map((series) => track(plot, series, shown)),
    shown.length === 0 ? nothing(plot) : "",
    mark(plot, calibrationEnd),
  );
}

const WIDTH = 720;
const HEIGHT = 340;
const RIGHT = 32;
/** The words at the calibration's end stand above the plot, where no line comes. */
const MARK_ROW = 16;

type Week = TrackingChartData["weeks"][number];

interface Series {
  readonly name: string;
  readonly line: string;
  readonly dot: string;
  readonly of: (week: Week) => number;
}

const SERIES: readonly Series[] = [
  { name: "actual", line: "line second-line", dot: "second-area", of: ({ actual }) => actual },
  { name: "expected", line: "line dashed first-line", dot: "first-area", of: ({ expected }) => expected },
];

/** A line, or a dot where there is one week alone. */
function track(plot: Plot, { line, dot, of }: Series, weeks: readonly Week[]): string {
  const [only] = weeks;
  if (weeks.length !== 1 || only === undefined) {
    return valueLine(
      plot,
      line,
      weeks.map((week) => [week.week, of(week)]),
    );
  }
  return element("circle", { class: `point ${dot}`, cx: acrossOf(plot, only.week), cy: downOf(plot, of(only)), r: 4 });
}

function holdOut(plot: Plot, calibrationEnd: number): string {
  const x = acrossOf(plot, Math.max(0, calibrationEnd));
  const width = plot.left + plot.width - x;
  return width <= 0 ? "" : element("rect", { class: "shade", x, y: plot.top, width, height: plot.height });
}

function mark(plot: Plot, calibrationEnd: number): string {
  const x = acrossOf(plot, Math.max(0, calibrationEnd));
  const words = fitText(`calibration ends: week ${formatCount(calibrationEnd)}`, 12, plot.width);
  return (
    element("line", { class: "thin reference mark", x1: x, x2: x, y1: plot.top - 4, y2: plot.top + plot.height }) +
    text(words, { class: "soft", ...besideEnds(plot, x, textWidth(words, 12)), y: plot.top - 10 })
  );
}

/** Centred, but for what would reach over an end of the plot. */
function besideEnds(
  { left, width }: Plot,
  x: number,
  wide: number,
): { readonly x: number; readonly "text-anchor": string } {
  if (x - wide / 2 < left) return { x: left, "text-anchor": "start" };
  if (x + wide / 2 > left + width) return { x: left + width, "text-anchor": "end" };
  return { x, "text-anchor": "middle" };
}

function description(weeks: TrackingChartData["weeks"], calibrationEnd: number): string {
  const last = weeks.at(-1);
  const said =
    last === undefined
      ? "no data"
      : `by week ${formatCount(last.week)} ${formatCount(last.actual)} actual and ${formatCount(Math.round(last.expected))} expected`;
  return `Cumulative repeat purchases by week, calibrated up to week ${formatCount(calibrationEnd)}: ${said}.`;
}
