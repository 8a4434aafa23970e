import { describe, expect, test } from "vitest";
import { holds } from "./figure.ts";
import { intoPage, markdownReport, type Report, textReport } from "./report.ts";

const report: Report = {
  run: {
    cpu: "a CPU",
    cores: 2,
    memoryGb: 8,
    node: "v24",
    kernel: "Linux 6",
    date: "2026-01-31T12:00:00.000Z",
    command: "npm run bench",
  },
  quick: false,
  benchmarks: [
    {
      name: "pipeline",
      failure: null,
      figures: [
        { name: "events a second", value: 65_432.1, unit: "/s", target: { atLeast: 70_000 } },
        { name: "CPU an event", value: 12.34, unit: "µs" },
        { name: "error", value: 3.14e-7, unit: "", target: { atMost: 0.001 } },
      ],
      tables: [
        { title: "Stages", columns: ["Stage", "Kind", "ms"], rows: [["decode", "work", 1.234]], note: "A note." },
      ],
    },
    { name: "query", failure: "the server ended" },
  ],
};

describe("a report", () => {
  test("shows each figure beside its target and whether it holds", () => {
    expect(textReport(report)).toContain(
      "pipeline   events a second  65,432 /s  ≥ 70,000 /s     NO\npipeline   CPU an event       12.3 µs",
    );
  });

  test("shows what is small with its digits", () => {
    expect(markdownReport(report)).toContain("| pipeline | error | 3.1e-7 | ≤ 1.0e-3 | yes |");
  });

  test("says what was not measured", () => {
    const figures = [{ name: "a peer's", value: Number.NaN, unit: "µs" }];
    const unmeasured = { ...report, benchmarks: [{ name: "fit", failure: null, figures, tables: [] }] };
    expect(markdownReport(unmeasured)).toContain("| fit | a peer's | not measured |  |  |");
  });

  test("names a benchmark that failed, and why", () => {
    expect(textReport(report)).toContain("query failed: the server ended");
  });

  test("as Markdown takes the place of the report before it, and leaves the page around it", () => {
    const page = (middle: string): string =>
      `# Page\n<!-- figures: begin -->\n${middle}\n<!-- figures: end -->\nMore.\n`;
    const markdown = markdownReport(report);
    expect(markdown).toContain("| pipeline | events a second | 65,432 /s | ≥ 70,000 /s | NO |");
    expect(intoPage(page("old"), markdown, "figures")).toBe(page(markdown));
  });
});

describe("a target", () => {
  test("holds at its bound, and not for what was not measured", () => {
    const figure = { name: "p99", unit: "ms", target: { atMost: 5 } };
    expect(holds({ ...figure, value: 5 })).toBe(true);
    expect(holds({ ...figure, value: 5.01 })).toBe(false);
    expect(holds({ ...figure, value: Number.NaN })).toBe(false);
  });
});
