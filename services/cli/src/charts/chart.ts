import { type Axis, shareOf } from "./axis.ts";
import { paletteStyle } from "./palette.ts";
import { element, escapeText, fitText, points, text, textWidth } from "./svg.ts";

/** What stands above each chart, in the caller's words. */
export interface ChartHeading {
  readonly title: string;
  /** Whose data, which model, which time: one line. */
  readonly subtitle: string;
}

export interface ChartFrame extends ChartHeading {
  readonly width: number;
  readonly height: number;
  /** The picture in words, for those who do not see it. */
  readonly description: string;
}

/** A whole picture: a document of its own, or a part of a page. */
export function chart(
  { width, height, title, subtitle, description }: ChartFrame,
  ...content: readonly string[]
): string {
  const room = width - 2 * SIDE;
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      class: "tidemark-chart",
      role: "img",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
    },
    element("title", {}, escapeText(title)),
    element("desc", {}, escapeText(description)),
    element("style", {}, paletteStyle()),
    element("rect", { class: "ground", width, height, rx: 8 }),
    text(fitText(title, 18, room), { class: "chart-title", x: SIDE, y: 32 }),
    text(fitText(subtitle, 12, room), { class: "soft", x: SIDE, y: 53 }),
    ...content,
  );
}

/** Between the picture's sides and what is in it. */
export const SIDE = 24;

/** Below the subtitle. */
const LEGEND_TOP = 68;

export interface LegendItem {
  readonly name: string;
  /** The mark: an area, a line or a point, by its classes of the palette. */
  readonly mark: "area" | "line" | "point";
  readonly classes: string;
}

/** Marks and names in rows, as many as there must be. @returns the picture and the y where it ends */
export function legend(items: readonly LegendItem[], width: number): { readonly svg: string; readonly bottom: number } {
  let x = SIDE;
  let y = LEGEND_TOP;
  const written = items.map(({ name, mark, classes }) => {
    const shown = fitText(name, 12, width - 2 * SIDE - LEGEND_MARK);
    const size = LEGEND_MARK + textWidth(shown, 12);
    if (x > SIDE && x + size > width - SIDE) {
      x = SIDE;
      y += LEGEND_ROW;
    }
    const item = legendMark(mark, classes, x, y + 8) + text(shown, { x: x + LEGEND_MARK, y: y + 12 });
    x += size + LEGEND_GAP;
    return item;
  });
  return { svg: written.join(""), bottom: items.length === 0 ? LEGEND_TOP : y + LEGEND_ROW };
}

const LEGEND_ROW = 20;
const LEGEND_MARK = 26;
const LEGEND_GAP = 14;

function legendMark(mark: LegendItem["mark"], classes: string, x: number, y: number): string {
  if (mark === "area") return element("rect", { class: classes, x: x + 3, y: y - 6, width: 14, height: 12, rx: 2 });
  const line = element("line", { class: classes, x1: x, x2: x + 20, y1: y, y2: y });
  return mark === "line" ? line : element("circle", { class: classes, cx: x + 10, cy: y, r: 4.5 });
}

/** A rectangle with an axis below and one at its left. */
export interface Plot {
  /** Where the labels at its left may begin, and the name of the vertical axis does. */
  readonly start: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly x: Axis;
  readonly y: Axis;
}

/** Pixels from the left of the picture to a value. */
export function acrossOf(plot: Plot, value: number): number {
  return plot.left + shareOf(plot.x, value) * plot.width;
}

/** Pixels from the top of the picture down to a value. */
export function downOf(plot: Plot, value: number): number {
  return plot.top + (1 - shareOf(plot.y, value)) * plot.height;
}

/** Room that the labels of a vertical axis take at its left. */
export function labelRoom({ ticks, format }: Axis): number {
  return Math.ceil(Math.max(...ticks.map((tick) => textWidth(format(tick), 12)))) + 10;
}

/** Room above a plot for the name of its vertical axis, and below for ticks and name of the horizontal one. */
export const ABOVE_PLOT = 32;
export const BELOW_PLOT = 44;

/** Grid, axes, ticks and names; names above and below, so that all is read without turning the head. */
export function axes(plot: Plot): string {
  return [horizontalGrid(plot), horizontalAxis(plot, axisLabels(plot)), verticalName(plot)].join("");
}

/** {@link axes} with labels of the caller's own under the horizontal axis: groups, say, in place of values. */
export function axesWithLabels(plot: Plot, labels: readonly AxisLabel[]): string {
  return [horizontalGrid(plot), horizontalAxis(plot, labels), verticalName(plot)].join("");
}

export interface AxisLabel {
  /** Where there is no room for all, those are left whose number is a multiple of 2, 5, 10, … */
  readonly number: number;
  /** Pixels from the left of the picture. */
  readonly x: number;
  readonly text: string;
}

/** A line through values, in the given order; none through less than two. */
export function valueLine(plot: Plot, classes: string, values: readonly (readonly [number, number])[]): string {
  if (values.length < 2) return "";
  const places = values.map(([x, y]) => [acrossOf(plot, x), downOf(plot, y)] as const);
  return element("polyline", { class: classes, points: points(places) });
}

/** In the middle of a plot that has nothing to show. */
export function nothing(plot: Plot): string {
  const place = { class: "soft", x: plot.left + plot.width / 2, y: plot.top + plot.height / 2 };
  return text("no data", { ...place, "text-anchor": "middle" });
}

/** Clear of the highest tick's label, and of a figure on a bar that reaches the top. */
export const NAME_ABOVE = 18;

function axisLabels(plot: Plot): AxisLabel[] {
  return plot.x.ticks.map((tick, i) => ({ number: i, x: acrossOf(plot, tick), text: plot.x.format(tick) }));
}

function horizontalGrid(plot: Plot): string {
  return plot.y.ticks
    .map((tick) => {
      const y = downOf(plot, tick);
      const label = { class: "soft number", x: plot.left - 8, y: y + 4, "text-anchor": "end" };
      return (
        element("line", { class: "grid", x1: plot.left, x2: plot.left + plot.width, y1: y, y2: y }) +
        text(plot.y.format(tick), label)
      );
    })
    .join("");
}

function horizontalAxis(plot: Plot, labels: readonly AxisLabel[]): string {
  const bottom = plot.top + plot.height;
  const right = plot.left + plot.width;
  const middle = plot.left + plot.width / 2;
  return [
    element("line", { class: "axis", x1: plot.left, x2: right, y1: bottom, y2: bottom }),
    ...withRoom(labels).map((label) =>
      text(label.text, { class: "soft number", x: label.x, y: bottom + 18, "text-anchor": "middle" }),
    ),
    text(fitText(plot.x.label, 12, plot.width), { x: middle, y: bottom + 37, "text-anchor": "middle" }),
  ].join("");
}

/** All labels, or those of round numbers so far apart that none touches the next. */
function withRoom(labels: readonly AxisLabel[]): readonly AxisLabel[] {
  for (let power = 1; power < labels.length; power *= 10) {
    for (const every of [power, 2 * power, 5 * power]) {
      const chosen = labels.filter(({ number }) => number % every === 0);
      if (!chosen.some((label, i) => touches(label, chosen[i + 1]))) return chosen;
    }
  }
  return labels.slice(0, 1);
}

function touches(label: AxisLabel, next: AxisLabel | undefined): boolean {
  if (next === undefined) return false;
  return next.x - label.x < (textWidth(label.text, 12) + textWidth(next.text, 12)) / 2 + 6;
}

function verticalName(plot: Plot): string {
  const { start, left, top, width, y } = plot;
  return text(fitText(y.label, 12, left + width - start), { x: start, y: top - NAME_ABOVE });
}
