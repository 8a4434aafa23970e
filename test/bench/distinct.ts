import type { PurchaseModelSpec } from "@tidemark/models";
import type { Benchmark } from "./benchmark.ts";
import { runJob } from "./child.ts";
import type { Figure } from "./figure.ts";

/** As published for CDNOW's sample, weeks. */
const MBG: PurchaseModelSpec = {
  model: "MBG/NBD",
  parameters: { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 },
};
const PARETO: PurchaseModelSpec = {
  model: "Pareto/NBD",
  parameters: { r: 0.55315, alpha: 10.57633, s: 0.60625, beta: 11.6715 },
};
/** The first, when nothing is compiled, and the median of the others. */
const RUNS = 4;
/** Over a hundredfold: searches take a step more or less, caches end, and a small fit's time is as unsteady as the machine; a square would be 100. */
const GROWTH_MAX = 2;

export const distinct: Benchmark = {
  name: "distinct",
  summary: "a fit's time by the number of distinct customers: it must not grow faster",
  async run(context) {
    const { distinctCustomers, distinctCustomersPareto } = context.sizes;
    const figures: Figure[] = [];
    const rows: (string | number)[][] = [];
    for (const [spec, sizes] of [
      [MBG, distinctCustomers],
      [PARETO, distinctCustomersPareto],
    ] as const) {
      const usEach: number[] = [];
      for (const customers of sizes) {
        context.step(`${spec.model}, ${customers} customers`);
        const result = await runJob("distinct", { spec, customers, runs: RUNS }, context);
        const us = (1_000 * result.median.cpuMs) / result.distinct;
        usEach.push(us);
        const count = customers.toLocaleString("en");
        figures.push({ name: `${spec.model}: CPU a distinct customer, of ${count}`, value: us, unit: "µs" });
        rows.push([spec.model, count, result.distinct, result.median.wallMs, result.median.cpuMs, us]);
      }
      const growth = (usEach.at(-1) ?? Number.NaN) / (usEach[0] ?? Number.NaN);
      figures.push({
        name: `${spec.model}: the last of these over the first`,
        value: growth,
        unit: "",
        target: { atMost: GROWTH_MAX },
      });
    }
    return {
      figures,
      tables: [
        {
          title: "Fits to distinct customers",
          columns: ["Model", "Customers", "Distinct", "ms", "CPU, ms", "CPU a customer, µs"],
          rows,
          note: "Customers drawn from the model, of ages that are not rounded, so that hardly two are alike. Putting equal ones together is in it.",
        },
      ],
    };
  },
};
