import type { Profile } from "@tidemark/contracts";
import type { Watch } from "../due/watch.ts";
import type { Model } from "../model.ts";
import { boughtOf, repeatsOf } from "../repeats.ts";
import type { ScoreBody } from "../score.ts";
import { judgeChurnAlerts, watchChurnAlerts } from "./churn-alert.ts";
import { judgeLossAlert, watchLossAlert } from "./loss-alert.ts";
import { judgeOverdueAlerts, watchOverdueAlerts } from "./overdue-alerts.ts";
import { judgeReviewAlert, watchReviewAlert } from "./review-alert.ts";
import { type AlertChange, type AlertMoment, clear, forgetCooled } from "./standing-alerts.ts";

/**
 * Raises and clears alerts as of an instant, and keeps in the profile what the next judgement has to know. Judged once a turn and at each
 * firing (R1), so that what is found depends on how events fell into turns.
 * @param body of the score as of then; @param version of the score that would bring them
 * @returns what there is to tell, in the order found; null = nothing
 */
export function judgeAlerts(
  profile: Profile,
  body: Pick<ScoreBody, "churn" | "value" | "asOf">,
  version: number,
  model: Model,
): readonly AlertChange[] | null {
  const moment: AlertMoment = { asOf: body.asOf, version, changes: null };
  const terms = model.alerts;
  const bought = boughtOf(profile) > profile.purchasesJudged;
  profile.purchasesJudged = boughtOf(profile);
  if (body.churn === null || body.value === null) {
    // A prospect has no alert.
    profile.alertFlags = 0;
    for (const alert of profile.alerts) if (!alert.cleared) clear(profile, alert, moment);
    profile.alerts = [];
    return moment.changes;
  }
  if (profile.alerts.length > 0) forgetCooled(profile, moment.asOf, terms.coolDownMs);
  judgeChurnAlerts(profile, { repeats: repeatsOf(profile), churn: body.churn, bought }, moment, terms);
  judgeLossAlert(profile, body.value.realisedMinor, moment, model);
  judgeReviewAlert(profile, moment, terms);
  judgeOverdueAlerts(profile, moment, model);
  return moment.changes;
}

/** What alerts wait for while nothing happens. */
export function watchAlerts(watch: Watch, profile: Profile, asOf: number, model: Model): void {
  const terms = model.alerts;
  watchChurnAlerts(watch, profile, repeatsOf(profile), asOf, terms);
  watchLossAlert(watch, profile, terms.coolDownMs.LOSS_MAKING);
  watchReviewAlert(watch, profile, asOf, terms);
  watchOverdueAlerts(watch, profile, model);
}
