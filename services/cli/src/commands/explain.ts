import { type Command, Option } from "commander";
import { z } from "zod";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { askCustomer } from "../customer-query.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings } from "@tidemark/installation";
import { churnLine } from "./churn-words.ts";

/** `explain ID`: the same answer in words. */
export function addExplainCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("explain")
    .description(
      "A customer's score in words: what it is, the reasons that add up to the risk, every indicator, the scorecards.",
    )
    .argument("<ID>", "the customer's id")
    .option("--at <TIME>", "as of this instant, such as 1997-12-31T00:00:00Z, or epoch milliseconds (now)")
    .addOption(new Option("--lang <LANGUAGE>", "language of the reasons (en)").choices(["en", "zh-CN"]))
    .option("--url <URL>", "ask this server")
    .option("--json", "the score as of then as JSON, with reasons, indicators and scorecards")
    .addHelpText(
      "after",
      "\nIndicators that nothing is known of are left out; docs/indicators.md says what each is.\n\nExample:\n  tidemark explain 00004",
    );
  addSettingOptions(command, ["TIDEMARK_DATA_DIR"]);
  command.action(async (id: string, options: ExplainOptions) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const { at, lang } = options;
    const query = { ...(at === undefined ? {} : { at }), ...(lang === undefined ? {} : { lang }) };
    const { withServer } = await import("../running-server.ts");
    const texts = await withServer({ url: options.url, settings, context }, async (client) => {
      const score = await askCustomer(client, id, query);
      // As of the same instant, so that one explains the other.
      const { asOf } = bodySchema.parse(JSON.parse(score)).now;
      return { score, explanation: await askCustomer(client, id, { at: asOf }, "/explanation") };
    });
    const { now, contract } = bodySchema.parse(JSON.parse(texts.score));
    const explanation = explanationSchema.parse(JSON.parse(texts.explanation));
    const console = consoleOf(context);
    if (options.json === true) {
      console.json({ ...now, explanation });
      return;
    }
    for (const line of [...wordsOf(now, contract), ...indicatorLines(explanation), ...scorecardLines(explanation)]) {
      console.line(line);
    }
  });
}

interface ExplainOptions {
  readonly at?: string;
  readonly lang?: string;
  readonly url?: string;
  readonly json?: boolean;
}

const scoreSchema = z.looseObject({
  asOf: z.string(),
  churn: z.number().nullable(),
  churnHorizonDays: z.number().nullable(),
  value: z.looseObject({ expectedMinor: z.number(), atRiskMinor: z.number(), currency: z.string() }).nullable(),
  tier: z.string().nullable(),
  lifecycle: z.string(),
  reasons: z.array(z.looseObject({ code: z.string(), logit: z.number(), text: z.string() })),
  model: z.looseObject({ name: z.string(), version: z.string(), fitted: z.boolean() }),
});
const bodySchema = z.looseObject({
  now: scoreSchema,
  // Optional, since a server may be older.
  contract: z.looseObject({ state: z.string(), priceMinor: z.number().nullable() }).nullish(),
});

const explanationSchema = z.looseObject({
  currency: z.string(),
  indicators: z.array(
    z.looseObject({
      name: z.string(),
      family: z.string(),
      unit: z.string(),
      value: z.union([z.number(), z.string()]).nullable(),
    }),
  ),
  own: z.record(z.string(), z.union([z.number(), z.string()]).nullable()),
  scorecards: z.array(
    z.looseObject({
      scorecard: z.string(),
      points: z.number().nullable(),
      grade: z.string().nullable(),
      completeness: z.number(),
      dimensions: z.array(z.looseObject({ name: z.string(), points: z.number().nullable() })),
    }),
  ),
});
type Explanation = z.infer<typeof explanationSchema>;

/** What is known, by family. */
function indicatorLines({ indicators, own, currency }: Explanation): string[] {
  const known = indicators.filter(({ value }) => value !== null);
  const lines: string[] = [];
  for (const [family, of] of Map.groupBy(known, (indicator) => indicator.family)) {
    lines.push("", `${family}:`);
    for (const { name, unit, value } of of) {
      lines.push(`  ${name.padEnd(NAME_WIDTH)} ${valueText(value, unit, currency)}`);
    }
  }
  const others = Object.entries(own).filter(([, value]) => value !== null);
  if (others.length > 0) lines.push("", "your own:");
  for (const [name, value] of others) lines.push(`  ${name.padEnd(NAME_WIDTH)} ${String(value)}`);
  return lines;
}

function scorecardLines({ scorecards }: Explanation): string[] {
  const known = scorecards.filter(({ points }) => points !== null);
  if (known.length === 0) return [];
  const lines = ["", "scorecards (points of 100; of the parts in brackets):"];
  for (const { scorecard, points, grade, completeness, dimensions } of known) {
    const parts = dimensions.map(({ name, points: of }) => `${name} ${of === null ? "unknown" : of.toFixed(0)}`);
    const judged = grade ?? `no grade, ${(100 * completeness).toFixed(0)} % is known`;
    lines.push(
      `  ${scorecard.padEnd(NAME_WIDTH)} ${(points ?? 0).toFixed(0).padStart(3)}  ${judged}  (${parts.join(", ")})`,
    );
  }
  return lines;
}

const NAME_WIDTH = 28;

function valueText(value: number | string | null, unit: string, currency: string): string {
  if (typeof value !== "number") return value ?? "unknown";
  switch (unit) {
    case "minor":
      return amountText(value, currency);
    case "share":
      return `${(100 * value).toFixed(1)} %`;
    case "flag":
      return value === 0 ? "no" : "yes";
    case "days":
    case "hours":
      return `${rounded(value)} ${unit}`;
    case "monthly":
      return `${rounded(value)} a month`;
    default:
      return rounded(value);
  }
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function wordsOf(score: z.infer<typeof scoreSchema>, contract: z.infer<typeof bodySchema>["contract"]): string[] {
  const { asOf, churn, churnHorizonDays, value, tier, lifecycle, reasons, model } = score;
  const source = `model ${model.name} ${model.version}${model.fitted ? "" : ", default parameters, not fitted to your data"}`;
  if (churn === null || value === null) {
    return [`As of ${asOf}: ${lifecycle}. No purchase and no contract, so no value and no risk.`, source];
  }
  const money = (minor: number): string => amountText(minor, value.currency);
  const isUnpriced = contract?.state === "running" && contract.priceMinor === null;
  return [
    `As of ${asOf}: ${lifecycle}${tier === null ? "" : `, tier ${tier}`}.`,
    `Expected value ${money(value.expectedMinor)}, of the customer's worth ${money(value.atRiskMinor)} at risk.`,
    ...(isUnpriced ? ["The contract's price is not known: only purchases count in these values."] : []),
    churnLine({ churn, churnHorizonDays, reasons }),
    ...reasons.map(({ logit, text }) => `  ${(logit < 0 ? "" : "+") + logit.toFixed(2).padStart(4)}  ${text}`),
    "The numbers before the reasons are logits: they add up to the risk's.",
    source,
  ];
}

function amountText(minor: number, currency: string): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
