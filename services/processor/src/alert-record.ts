import type { ChurnAlert, TierChange } from "@tidemark/contracts";
import { type AlertChange, type Model, type ScoreBody, severityOf } from "@tidemark/scoring";
import type { ScoreContext } from "@tidemark/streams";
import { recordId } from "./record-id.ts";

/** The record of an alert that was raised or cleared, with the score that brought it as evidence. @param body with the version emitted */
export function alertRecord(
  { kind, state, subject, band, raisedVersion, since, amountMinor }: AlertChange,
  { customerId, version, asOf, value, churn, tier, lifecycle, reasons, segment, model: ref }: ScoreBody,
  model: Pick<Model, "alerts">,
  cause: TierChange["cause"],
  { turn, tick }: Pick<ScoreContext, "turn" | "tick">,
): ChurnAlert {
  return {
    // The score that raised it, its kind, band and subject name it, whenever it is cleared.
    alertId: recordId("alert", raisedVersion, kind, band ?? "", subject, customerId),
    customerId,
    version,
    asOf,
    kind,
    state,
    severity: severityOf(value?.atRiskMinor ?? 0, model.alerts),
    band,
    subject: subject === "" ? null : subject,
    value,
    churn,
    tier,
    lifecycle,
    reasons,
    segment,
    turn,
    tick,
    model: ref,
    cause,
    since,
    amountMinor,
  };
}
