import { type Account, accountsOf, owedMinor } from "../account-list.ts";
import { DAY_MS } from "../day-calendar.ts";
import type { CustomerView } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";

/** What may go wrong. */
export const RISK: readonly Indicator[] = [
  {
    name: "silence",
    family: "risk",
    unit: "share",
    better: "lower",
    needs: ["purchases"],
    doc: "Probability of no purchase within the churn horizon, by the purchase model alone; unknown while a contract runs.",
    value: ({ score }) => score.reasons.find(({ code }) => code === "SILENCE")?.params["probability"] ?? null,
  },
  {
    name: "churn",
    family: "risk",
    unit: "share",
    better: "lower",
    needs: ["purchases", "contracts"],
    doc: "Probability of no purchase within the churn horizon, while a contract runs that it ends, all that speaks for and against it considered; next to 1 where a contract is over and nothing was ever bought.",
    value: ({ score }) => score.churn,
  },
  {
    name: "discountDependence",
    steady: true,
    family: "risk",
    unit: "share",
    better: "lower",
    needs: ["purchases"],
    doc: "Price sensitivity: discounts to the list price of the purchases that say one.",
    value: ({ trade }) => ratio(trade.discountMinor, trade.discountOfMinor),
  },
  {
    name: "daysToPay",
    steady: true,
    family: "risk",
    unit: "days",
    better: "lower",
    needs: ["payments"],
    doc: "Mean time from an order on account to its full payment.",
    value: ({ trade }) => ratio(trade.payMs / DAY_MS, trade.settled),
  },
  {
    name: "daysLate",
    steady: true,
    family: "risk",
    unit: "days",
    better: "lower",
    needs: ["payments"],
    doc: "Mean time from the due time to full payment, 0 for those paid in time.",
    value: ({ trade }) => ratio(trade.lateMs / DAY_MS, trade.settled),
  },
  {
    name: "punctuality",
    family: "risk",
    unit: "share",
    better: "higher",
    needs: ["payments"],
    doc: "Orders on account paid by their due time among those that were paid or are overdue.",
    value: (view) => punctuality(view),
  },
  {
    name: "overdueAmount",
    family: "risk",
    unit: "minor",
    better: "lower",
    needs: ["payments"],
    doc: "What is owed on orders on account whose due time has passed; unknown for a customer who never bought on account.",
    value: (view) => {
      return hasAccount(view) ? overdueOf(view).reduce((sum, account) => sum + owedMinor(account), 0) : null;
    },
  },
  {
    name: "creditUse",
    steady: true,
    family: "risk",
    unit: "ratio",
    better: "lower",
    needs: ["payments", "customer"],
    doc: "What is owed on orders on account to the credit limit.",
    value: creditUse,
  },
  {
    name: "creditLimit",
    steady: true,
    family: "risk",
    unit: "minor",
    better: "neither",
    needs: ["customer"],
    doc: "Credit granted, as the customer record says.",
    value: ({ facts }) => facts?.creditLimitMinor ?? null,
  },
  {
    name: "paymentTerms",
    steady: true,
    family: "risk",
    unit: "days",
    better: "neither",
    needs: ["customer"],
    doc: "Days the customer has to pay, as the customer record says.",
    value: ({ facts }) => facts?.paymentTermsDays ?? null,
  },
  {
    name: "debtRatio",
    steady: true,
    family: "risk",
    unit: "ratio",
    better: "lower",
    needs: ["customer"],
    doc: "Debt to assets, as the customer record says.",
    value: ({ facts }) => facts?.debtRatio ?? null,
  },
  {
    name: "solvency",
    steady: true,
    family: "risk",
    unit: "ratio",
    better: "higher",
    needs: ["customer"],
    doc: "Current assets to current liabilities, as the customer record says.",
    value: ({ facts }) => facts?.solvencyRatio ?? null,
  },
  {
    name: "defaultRisk",
    family: "risk",
    unit: "level",
    better: "lower",
    needs: ["payments", "customer"],
    doc: "Grade of default risk, 1 (low) to 5 (high): the mean of what is known of debt ratio (0 up to .4, 1 from 1 on), solvency (0 from 2 on, 1 up to .5), punctuality (its rest) and credit use (0 up to .5, 1 from 1 on), straight between, a fifth a grade.",
    value: defaultRisk,
  },
];

function hasAccount({ profile, trade }: CustomerView): boolean {
  return trade.settled > 0 || accountsOf(profile).length > 0;
}

function overdueOf({ profile, asOf }: CustomerView): Account[] {
  return accountsOf(profile).filter((account) => account.dueAt < asOf && owedMinor(account) > 0);
}

function punctuality(view: CustomerView): number | null {
  const { settled, settledInTime } = view.trade;
  return ratio(settledInTime, settled + overdueOf(view).length);
}

function creditUse(view: CustomerView): number | null {
  if (!hasAccount(view)) return null;
  const owed = accountsOf(view.profile).reduce((sum, account) => sum + owedMinor(account), 0);
  return ratio(owed, view.facts?.creditLimitMinor ?? null);
}

function defaultRisk(view: CustomerView): number | null {
  const punctual = punctuality(view);
  const parts = [
    between(view.facts?.debtRatio ?? null, 0.4, 1),
    between(view.facts?.solvencyRatio ?? null, 2, 0.5),
    punctual === null ? null : 1 - punctual,
    between(creditUse(view), 0.5, 1),
  ].filter((part) => part !== null);
  const mean = ratio(
    parts.reduce((sum, part) => sum + part, 0),
    parts.length,
  );
  return mean === null ? null : Math.min(5, 1 + Math.floor(5 * mean));
}

/** 0 at `none` and before it, 1 at `full` and behind it. */
function between(value: number | null, none: number, full: number): number | null {
  return value === null ? null : Math.min(1, Math.max(0, (value - none) / (full - none)));
}
