/** What of a customer's answer says what churn is the probability of. */
export interface ToldChurn {
  readonly churn: number;
  readonly churnHorizonDays: number | null;
  readonly reasons: readonly { readonly code: string }[];
}

/** The line that the reasons follow: what the probability is of depends on what it is told by. */
export function churnLine({ churn, churnHorizonDays, reasons }: ToldChurn): string {
  const share = `${(100 * churn).toFixed(1)} %`;
  const days = churnHorizonDays ?? 0;
  const by = reasons.find(({ code }) => LINES.has(code))?.code ?? "";
  return LINES.get(by)?.(share, days) ?? `Probability of leaving in the next ${days} days: ${share}, because`;
}

const LINES: ReadonlyMap<string, (share: string, days: number) => string> = new Map([
  ["SILENCE", (share, days) => `Probability of no purchase in the next ${days} days: ${share}, because`],
  [
    "CONTRACT_RENEWAL",
    (share, days) => `Probability that the contract ends in the next ${days} days: ${share}, because`,
  ],
  ["CONTRACT_LAPSED", (share) => `Counts as gone until a contract or a purchase comes (churn ${share}), because`],
]);
