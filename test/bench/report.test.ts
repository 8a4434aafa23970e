import { describe, expect, test } from "vitest";
import { holds } from "./figure.ts";
import { intoPage, markdownSections, type Report, textReport } from "./report.ts";

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
    expect(markdownSections(report)[0]?.text).toContain("| error | 3.1e-7 | ≤ 1.0e-3 | yes |");
  });

  test("says what was not measured", () => {
    const figures = [{ name: "a peer's", value: Number.NaN, unit: "µs" }];
    const unmeasured = { ...report, benchmarks: [{ name: "fit", failure: null, figures, tables: [] }] };
    expect(markdownSections(unmeasured)[0]?.text).toContain("| a peer's | not measured |  |  |");
  });

  test("names a benchmark that failed, and why", () => {
    expect(textReport(report)).toContain("query failed: the server ended");
  });

  test("keeps a bar in a name out of the table's", () => {
    const figures = [{ name: "|ln L|", value: 2, unit: "" }];
    const barred = { ...report, benchmarks: [{ name: "fit", failure: null, figures, tables: [] }] };
    expect(markdownSections(barred)[0]?.text).toContain("| \\|ln L\\| | 2 |  |  |");
  });

  test("in a page takes the place of what it says of the same benchmarks, and leaves the others and the page around", () => {
    const page = (...sections: string[]): string =>
      ["# Page\n\n<!-- figures: begin -->", ...sections, "<!-- figures: end -->\nMore.\n"].join("\n\n");
    const [fit, old] = ["### fit\n\nOf Monday.\n\n| Figure |", "### pipeline\n\nOf Monday."];
    const sections = markdownSections(report);
    const order = ["pipeline", "query", "fit"];
    const [section] = sections;
    const now = `### pipeline\n\n${section?.text ?? ""}`;
    expect(section?.text).toContain("| events a second | 65,432 /s | ≥ 70,000 /s | NO |");
    expect(section?.text).toContain("2026-01-31; `npm run bench`");
    expect(intoPage(page(old, fit), sections, "figures", order)).toBe(page(now, fit));
    expect(intoPage(page(fit), sections, "figures", order)).toBe(page(now, fit));
    expect(intoPage(page(), sections, "figures", order)).toBe(page(now));
    expect(intoPage("", sections, "figures", order)).toBe(
      `<!-- figures: begin -->\n\n${now}\n\n<!-- figures: end -->\n`,
    );
  });

  test("leaves in a page what it says of a benchmark that failed", () => {
    expect(markdownSections(report).map(({ name }) => name)).toEqual(["pipeline"]);
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
