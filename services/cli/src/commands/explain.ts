import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { askCustomer } from "../customer-query.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings } from "@tidemark/installation";

/** `explain ID`: the same answer in words. */
export function addExplainCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("explain")
    .description("A customer's score in words: what it is, and the reasons that add up to the risk.")
    .argument("<ID>", "the customer's id")
    .option("--at <TIME>", "as of this instant, ISO 8601 or epoch milliseconds (now)")
    .option("--lang <LANGUAGE>", "language of the reasons, en or zh-CN (en)")
    .option("--url <URL>", "ask this server")
    .option("--json", "the score as of then as JSON, reasons included");
  addSettingOptions(command, ["TIDEMARK_DATA_DIR"]);
  command.action(async (id: string, options: ExplainOptions) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const { at, lang } = options;
    const query = { ...(at === undefined ? {} : { at }), ...(lang === undefined ? {} : { lang }) };
    const { withServer } = await import("../running-server.ts");
    const text = await withServer({ url: options.url, settings, context }, async (client) =>
      askCustomer(client, id, query),
    );
    const { now } = bodySchema.parse(JSON.parse(text));
    const console = consoleOf(context);
    if (options.json === true) console.json(now);
    else for (const line of wordsOf(now)) console.line(line);
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
  reasons: z.array(z.looseObject({ logit: z.number(), text: z.string() })),
  model: z.looseObject({ name: z.string(), version: z.string(), fitted: z.boolean() }),
});
const bodySchema = z.looseObject({ now: scoreSchema });

function wordsOf(score: z.infer<typeof scoreSchema>): string[] {
  const { asOf, churn, churnHorizonDays, value, tier, lifecycle, reasons, model } = score;
  const source = `model ${model.name} ${model.version}${model.fitted ? "" : ", default parameters, not fitted to your data"}`;
  if (churn === null || value === null) {
    return [`As of ${asOf}: ${lifecycle}. No purchase yet, so no value and no risk.`, source];
  }
  const money = (minor: number): string => amountText(minor, value.currency);
  return [
    `As of ${asOf}: ${lifecycle}${tier === null ? "" : `, tier ${tier}`}.`,
    `Expected value ${money(value.expectedMinor)}, of the customer's worth ${money(value.atRiskMinor)} at risk.`,
    `Probability of no purchase in the next ${churnHorizonDays ?? 0} days: ${(100 * churn).toFixed(1)} %, because`,
    ...reasons.map(({ logit, text }) => `  ${(logit < 0 ? "" : "+") + logit.toFixed(2).padStart(4)}  ${text}`),
    "The numbers before the reasons are logits: they add up to the risk's.",
    source,
  ];
}

function amountText(minor: number, currency: string): string {
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
