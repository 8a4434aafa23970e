import { hash } from "node:crypto";
import type { ChurnAlert, TierChange } from "@tidemark/contracts";
import { type AlertChange, type Model, type ScoreBody, severityOf } from "@tidemark/scoring";
import type { ScoreContext } from "@tidemark/streams";

/** The record of an alert that was raised or cleared, with the score that brought it as evidence. @param body with the version emitted */
export function alertRecord(
  { kind, state, subject, band, raisedVersion, since, amountMinor }: AlertChange,
  { customerId, version, asOf, value, churn, tier, lifecycle, reasons, segment, model: ref }: ScoreBody,
  model: Pick<Model, "alerts">,
  cause: TierChange["cause"],
  { turn, tick }: Pick<ScoreContext, "turn" | "tick">,
): ChurnAlert {
  return {
    alertId: alertIdOf(customerId, raisedVersion, kind, band, subject),
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

/**
 * The score that raised an alert, its kind, band and subject name it, whenever it is cleared; hashed, since ids of alerts go into logs and
 * webhooks.
 */
function alertIdOf(customerId: string, version: number, kind: string, band: number | null, subject: string): string {
  const name = ["alert", version, kind, band ?? "", subject, customerId].join("\n");
  return hash("sha256", name, "hex").slice(0, 32);
}
