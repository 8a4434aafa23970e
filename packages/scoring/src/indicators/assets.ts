import type { CustomerView } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";

/** What the customer holds with us and has. Balances by product are answered by the name `balance.<product>`. */
export const ASSETS: readonly Indicator[] = [
  {
    name: "balance",
    steady: true,
    family: "assets",
    unit: "minor",
    better: "higher",
    needs: ["balances"],
    doc: "Sum of the newest balance of each product.",
    value: (view) => {
      const held = withBalance(view);
      return held.length === 0 ? null : held.reduce((sum, { balanceMinor }) => sum + balanceMinor, 0);
    },
  },
  {
    name: "fundVariation",
    steady: true,
    family: "assets",
    unit: "ratio",
    better: "lower",
    needs: ["balances"],
    doc: "Stability of funds: standard deviation of balances about the mean of their product, to the mean balance; unknown with fewer than two balances of a product, or a mean not above 0.",
    value: fundVariation,
  },
  {
    name: "assets",
    steady: true,
    family: "assets",
    unit: "minor",
    better: "higher",
    needs: ["customer"],
    doc: "The customer's assets as the customer record says.",
    value: ({ facts }) => facts?.assetsMinor ?? null,
  },
];

function withBalance({ products }: CustomerView): CustomerView["products"] {
  return products.filter(({ balances }) => balances > 0);
}

function fundVariation(view: CustomerView): number | null {
  const held = withBalance(view);
  if (!held.some(({ balances }) => balances > 1)) return null;
  const count = held.reduce((sum, { balances }) => sum + balances, 0);
  const mean = held.reduce((sum, { balances, mean: own }) => sum + balances * own, 0) / count;
  const deviations = held.reduce((sum, product) => sum + product.deviations, 0);
  return ratio(Math.sqrt(deviations / count), mean);
}
