import { type Figure, holds, type Outcome, type Table, type Target } from "./figure.ts";
import type { RunDescription } from "./machine.ts";

/** Everything a run has to say. */
export interface Report {
  readonly run: RunDescription;
  /** Of the quick sizes: figures that show that it works, and say nothing about speed. */
  readonly quick: boolean;
  readonly benchmarks: readonly BenchmarkReport[];
}

export type BenchmarkReport =
  | ({ readonly name: string; readonly failure: null } & Outcome)
  | { readonly name: string; readonly failure: string };

export function textReport({ run, quick, benchmarks }: Report): string {
  const done = benchmarks.filter((benchmark) => benchmark.failure === null);
  const text: RenderTable = (title, columns, rows) => `${title}\n\n${aligned([columns, ...rows])}`;
  const figures = done.flatMap(({ name, figures: own }) => own.map((figure) => [name, ...figureRow(figure)]));
  const parts = [
    ...heading(run, quick),
    text("Figures", ["Benchmark", ...FIGURE_COLUMNS], figures),
    ...done.flatMap(({ tables }) => tables.map((table) => detailsTable(table, text))),
    ...benchmarks.flatMap(({ name, failure }) => (failure === null ? [] : [`${name} failed: ${failure}`])),
  ];
  return parts.join("\n\n");
}

/** What a page says of one benchmark, under a heading of its own, so that each may be of another day. */
export interface Section {
  readonly name: string;
  readonly text: string;
}

/** Of each benchmark that could be done. */
export function markdownSections({ run, quick, benchmarks }: Report): readonly Section[] {
  return benchmarks.flatMap((benchmark) => {
    if (benchmark.failure !== null) return [];
    const { name, figures, tables } = benchmark;
    const parts = [
      ...heading(run, quick),
      markdownTable(FIGURE_COLUMNS, figures.map(figureRow), 1),
      ...tables.map((details) =>
        detailsTable(details, (title, columns, rows) => `**${title}**\n\n${markdownTable(columns, rows, 2)}`),
      ),
    ];
    return [{ name, text: parts.join("\n\n") }];
  });
}

/**
 * The page with these sections between its markers, in the place of those of the same benchmarks; the others stay. In a page without markers
 * they follow what it says.
 * @param figures the markers' name
 * @param order of all benchmarks that the page may have
 */
export function intoPage(
  page: string,
  sections: readonly Section[],
  figures: string,
  order: readonly string[],
): string {
  const [beginMark, endMark] = [`<!-- ${figures}: begin -->`, `<!-- ${figures}: end -->`];
  const begin = page.indexOf(beginMark);
  const end = page.indexOf(endMark);
  const isMarked = begin >= 0 && end > begin;
  const before = isMarked ? page.slice(0, begin) : page;
  const after = isMarked ? page.slice(end + endMark.length) : "\n";
  const shown = new Map(isMarked ? sectionsIn(page.slice(begin + beginMark.length, end)) : []);
  for (const { name, text } of sections) shown.set(name, text);
  const parts = order.flatMap((name) => {
    const text = shown.get(name);
    return text === undefined ? [] : [`### ${name}\n\n${text}`];
  });
  return `${before}${[beginMark, ...parts, endMark].join("\n\n")}${after}`;
}

function sectionsIn(text: string): [string, string][] {
  const [, ...parts] = text.split(/^### (.+)$/m);
  return Array.from({ length: parts.length / 2 }, (_, index) => {
    const [name = "", content = ""] = parts.slice(2 * index, 2 * index + 2);
    return [name, content.trim()];
  });
}

type RenderTable = (title: string, columns: readonly string[], rows: readonly (readonly string[])[]) => string;

function heading(run: RunDescription, quick: boolean): string[] {
  return [
    `${run.cpu}, ${run.cores} cores, ${run.memoryGb} GB; ${run.kernel}; Node ${run.node}; ${run.date.slice(0, 10)}; \`${run.command}\``,
    ...(quick ? ["Quick sizes: this shows that everything works. The targets are of the full sizes."] : []),
  ];
}

/** @param words how many columns hold words; the others hold numbers */
function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[], words: number): string {
  const rule = columns.map((_, index) => (index < words ? "---" : "---:"));
  return [columns, rule, ...rows].map(markdownRow).join("\n");
}

function markdownRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

const FIGURE_COLUMNS = ["Figure", "Measured", "Target", "Holds"];

function figureRow(figure: Figure): string[] {
  const { name, value, unit, target } = figure;
  const verdict = { true: "yes", false: "NO", null: "" }[`${holds(figure)}`];
  return [name, withUnit(value, unit), target === undefined ? "" : targetText(target, unit), verdict];
}

function targetText(target: Target, unit: string): string {
  return "atMost" in target ? `≤ ${withUnit(target.atMost, unit)}` : `≥ ${withUnit(target.atLeast, unit)}`;
}

function detailsTable({ title, columns, rows, note }: Table, render: RenderTable): string {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === "number" ? numberText(cell) : cell)));
  return `${render(title, columns, cells)}\n\n${note}`;
}

function withUnit(value: number, unit: string): string {
  return unit === "" || !Number.isFinite(value) ? numberText(value) : `${numberText(value)} ${unit}`;
}

/** Three digits that matter; more in front of the point where it is larger, two where it is a trifle. */
function numberText(value: number): string {
  if (!Number.isFinite(value)) return "not measured";
  const size = Math.abs(value);
  if (size > 0 && size < TRIFLE) return value.toExponential(1);
  const digits = size >= 100 || Number.isInteger(value) ? 0 : size >= 10 ? 1 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

const TRIFLE = 0.01;

/** The first two columns hold words, the others numbers. */
function aligned(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
