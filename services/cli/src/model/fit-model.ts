import {
  type CustomerSummary,
  type Estimate,
  Unfittable,
  fitGammaGamma,
  fitPurchaseModel,
  type GammaGammaParameters,
  gammaGammaMean,
  type MbgNbdParameters,
} from "@tidemark/models";
import { type Artefact, fittedArtefact, type Model } from "@tidemark/scoring";
import { assert } from "@tidemark/streams";
import { shown } from "../backtest/parameter-lines.ts";
import { counted } from "../backtest/words.ts";
import { type CustomerSample, repeatBuyers } from "./customer-sample.ts";

export interface ModelFit {
  /** The model's own where nothing could be fitted. */
  readonly artefact: Artefact;
  /** What was fitted and what was kept, and why, for a person: lines. */
  readonly notes: readonly string[];
}

/** With fewer a fit is worse than what is known of other shops. */
export const REPEAT_BUYERS_MIN = 500;

/**
 * Fits MBG/NBD and Gamma-Gamma to the customers of a file. A part that the data do not determine keeps the model's parameters:
 * this never fails, and never gives parameters that scores cannot be made of.
 */
export function fitModel({ customers, every }: CustomerSample, { artefact, ref, minorPerMajor }: Model): ModelFit {
  const buyers = repeatBuyers(customers);
  const among = `${counted(customers.length)} customers${every === 1 ? "" : ` (every ${ordinal(every)} of the file, by a hash of the id)`}`;
  const unfitted = `scores use the default parameters (${ref.name} ${ref.version}), not fitted to your data`;
  if (buyers < REPEAT_BUYERS_MIN) {
    const why = `${counted(buyers)} of ${among} bought on a second day, and a fit takes ${REPEAT_BUYERS_MIN}`;
    return { artefact, notes: [`${unfitted}: ${why}`] };
  }
  const purchases = fitPurchases(customers);
  const spend = fitSpend(customers, minorPerMajor);
  const parts: readonly (readonly [string, Part<object>])[] = [
    ["MBG/NBD", purchases],
    ["Gamma-Gamma", spend],
  ];
  const fitted = parts.filter(([, { parameters }]) => parameters !== null);
  const said = fitted.map(([, { parameters }]) => parameterWords(parameters)).join("; ");
  return {
    artefact: fittedArtefact(artefact, { purchases: purchases.parameters, spend: spend.parameters }),
    notes: [
      fitted.length === 0
        ? unfitted
        : `fitted ${fitted.map(([name]) => name).join(" and ")} to ${counted(buyers)} repeat buyers of ${among}: ${said}`,
      ...parts.flatMap(([name, { parameters, remarks }]) =>
        parameters === null
          ? [`${name} keeps its default parameters: ${remarks.join("; ")}`]
          : remarks.map((remark) => `note on ${name}: ${remark}`),
      ),
    ],
  };
}

/** A model fitted, with what to know about it; or null, with the reason. */
interface Part<Parameters> {
  readonly parameters: Parameters | null;
  readonly remarks: readonly string[];
}

function fitPurchases(customers: readonly CustomerSummary[]): Part<MbgNbdParameters> {
  return attempt(() => {
    const fit = fitPurchaseModel("MBG/NBD", customers);
    assert(fit.model === "MBG/NBD", "the model asked for is fitted");
    const { r, alpha, a, b } = fit.parameters;
    return judged(fit, { r, alpha, a, b });
  });
}

/** As `backtest` does: of purchase days with a positive mean spend, in major units. */
function fitSpend(customers: readonly CustomerSummary[], minorPerMajor: number): Part<GammaGammaParameters> {
  const spenders = customers
    .filter(({ x }) => x > 0)
    .map(({ x, repeatSpend }) => ({ x, m: repeatSpend / minorPerMajor / x }));
  return attempt(() => {
    const fit = fitGammaGamma(spenders);
    const { p, q, v } = fit.parameters;
    const part = judged(fit, { p, q, v });
    if (part.parameters === null) return part;
    const paid = spenders.filter(({ m }) => m > 0);
    const mean = paid.reduce((sum, { m }) => sum + m, 0) / paid.length;
    // q near 1: what a first buyer is expected to spend goes off to infinity.
    const ratio = gammaGammaMean(part.parameters, 0, 0) / mean;
    if (ratio <= MEAN_RATIO_MAX && ratio >= 1 / MEAN_RATIO_MAX) return part;
    return { parameters: null, remarks: [`it would expect ${ratio.toFixed(1)} times the spend that there is`] };
  });
}

/** How far the mean spend of a fitted model may be from that of the data, as a factor. */
const MEAN_RATIO_MAX = 2;

function attempt<Parameters>(fit: () => Part<Parameters>): Part<Parameters> {
  try {
    return fit();
  } catch (error) {
    if (error instanceof Unfittable) return { parameters: null, remarks: [error.message] };
    throw error;
  }
}

/** Warnings after which parameters are not used, the most telling first, and what they come from. */
const DISQUALIFYING = [
  ["MEAN_SPEND_INFINITE", ""],
  ["FEW_CUSTOMERS", "too few of them paid: "],
  ["NOT_IDENTIFIED", "the data do not determine them: "],
  ["NOT_CONVERGED", "the data do not determine them: "],
] as const;

/** A search may end as converged on a ridge, where parameters have no meaning: what is not identified is not used either. */
function judged<Parameters>({ warnings }: Pick<Estimate, "warnings">, parameters: Parameters): Part<Parameters> {
  for (const [code, cause] of DISQUALIFYING) {
    const warning = warnings.find((candidate) => candidate.code === code);
    if (warning !== undefined) return { parameters: null, remarks: [`${cause}${warning.message}`] };
  }
  return { parameters, remarks: warnings.map(({ message }) => message) };
}

function parameterWords(parameters: object | null): string {
  return Object.entries(parameters ?? {})
    .map(([name, value]) => `${name === "alpha" ? "α" : name} ${shown(Number(value))}`)
    .join(", ");
}

/** Of a power of two above 1: no 1st, no 3rd but 2nd, 4th, 32nd. */
function ordinal(count: number): string {
  return `${counted(count)}${count % 10 === 2 && count % 100 !== 12 ? "nd" : "th"}`;
}
