import {
  type Artefact,
  type ArtefactOverrides,
  createModel,
  defaultArtefact,
  type Model,
  overriddenArtefact,
} from "@tidemark/scoring";
import type { ModelPlace } from "./admit-artefact.ts";
import type { Settings } from "./settings.ts";

/** The model that an installation scores with: what the settings do not say stays as the kept one has it, else as the default. */
export function modelOf({ currency, timeZone }: ModelPlace, settings: Settings, fitted: Artefact | null): Model {
  const { TIDEMARK_CHURN_HORIZON_DAYS, TIDEMARK_VALUE_HORIZON_DAYS, TIDEMARK_DISCOUNT_RATE } = settings;
  const { TIDEMARK_COMPLAINT_SLA_HOURS } = settings;
  const overrides: ArtefactOverrides = {
    currency,
    timeZone,
    ...(TIDEMARK_CHURN_HORIZON_DAYS === undefined ? {} : { churnHorizonDays: TIDEMARK_CHURN_HORIZON_DAYS }),
    ...(TIDEMARK_VALUE_HORIZON_DAYS === undefined ? {} : { valueHorizonDays: TIDEMARK_VALUE_HORIZON_DAYS }),
    ...(TIDEMARK_DISCOUNT_RATE === undefined ? {} : { discountRate: TIDEMARK_DISCOUNT_RATE }),
    ...(TIDEMARK_COMPLAINT_SLA_HOURS === undefined ? {} : { complaintSlaHours: TIDEMARK_COMPLAINT_SLA_HOURS }),
  };
  return createModel(fitted === null ? defaultArtefact(overrides) : overriddenArtefact(fitted, overrides));
}
