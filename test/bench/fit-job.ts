import { fitGammaGamma, fitPurchaseModel, type PurchaseModelName } from "@tidemark/models";
import { type CdnowData, cdnowCustomers } from "./cdnow-file.ts";
import { timed, type Timings, timingsOf } from "./timing.ts";

export type FittedModel = PurchaseModelName | "Gamma-Gamma";

export interface FitInput {
  readonly data: CdnowData;
  readonly model: FittedModel;
  /** The first is the first fit of the process. */
  readonly runs: number;
}

export interface FitResult extends Timings, Optimum {}

/** Where a search ended. */
interface Optimum {
  readonly parameters: Readonly<Record<string, number>>;
  readonly logLikelihood: number;
}

/** Fits a model to CDNOW, again and again. */
export function fitJob({ data, model, runs }: FitInput): Promise<FitResult> {
  const customers = cdnowCustomers(data) ?? [];
  let optimum: Optimum = { parameters: {}, logLikelihood: Number.NaN };
  const fitOnce = (): void => {
    const fit = model === "Gamma-Gamma" ? fitGammaGamma(customers) : fitPurchaseModel(model, customers);
    optimum = { parameters: { ...fit.parameters }, logLikelihood: fit.logLikelihood };
  };
  const timings = timingsOf(Array.from({ length: runs }, () => timed(fitOnce)));
  return Promise.resolve({ ...timings, ...optimum });
}
