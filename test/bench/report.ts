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

export function textReport(report: Report): string {
  return render(report, (title, columns, rows) => `${title}\n\n${aligned([columns, ...rows])}`);
}

export function markdownReport(report: Report): string {
  return render(report, (title, columns, rows) => {
    const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
    const rule = columns.map((_, index) => (index < 2 ? "---" : "---:"));
    return [`**${title}**`, "", ...[columns, rule, ...rows].map(line)].join("\n");
  });
}

/**
 * The text of a page with the report between its markers, or the report alone where it has none.
 * @param figures the markers' name
 */
export function intoPage(page: string, report: string, figures: string): string {
  const [beginMark, endMark] = [`<!-- ${figures}: begin -->`, `<!-- ${figures}: end -->`];
  const begin = page.indexOf(beginMark);
  const end = page.indexOf(endMark);
  if (begin < 0 || end < begin) return `${beginMark}\n${report}\n${endMark}\n`;
  return `${page.slice(0, begin + beginMark.length)}\n${report}\n${page.slice(end)}`;
}

type RenderTable = (title: string, columns: readonly string[], rows: readonly (readonly string[])[]) => string;

function render({ run, quick, benchmarks }: Report, table: RenderTable): string {
  const done = benchmarks.filter((benchmark) => benchmark.failure === null);
  const parts = [
    `${run.cpu}, ${run.cores} cores, ${run.memoryGb} GB; ${run.kernel}; Node ${run.node}; ${run.date.slice(0, 10)}; \`${run.command}\``,
    ...(quick ? ["Quick sizes: this shows that everything works. The targets are of the full sizes."] : []),
    table(
      "Figures",
      ["Benchmark", "Figure", "Measured", "Target", "Holds"],
      done.flatMap(({ name, figures }) => figures.map((figure) => figureRow(name, figure))),
    ),
    ...done.flatMap(({ tables }) => tables.map((details) => `${detailsTable(details, table)}\n\n${details.note}`)),
    ...benchmarks.flatMap(({ name, failure }) => (failure === null ? [] : [`${name} failed: ${failure}`])),
  ];
  return parts.join("\n\n");
}

function figureRow(benchmark: string, figure: Figure): string[] {
  const { name, value, unit, target } = figure;
  const verdict = { true: "yes", false: "NO", null: "" }[`${holds(figure)}`];
  return [benchmark, name, withUnit(value, unit), target === undefined ? "" : targetText(target, unit), verdict];
}

function targetText(target: Target, unit: string): string {
  return "atMost" in target ? `≤ ${withUnit(target.atMost, unit)}` : `≥ ${withUnit(target.atLeast, unit)}`;
}

function detailsTable({ title, columns, rows }: Table, table: RenderTable): string {
  return table(
    title,
    columns,
    rows.map((row) => row.map((cell) => (typeof cell === "number" ? numberText(cell) : cell))),
  );
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
