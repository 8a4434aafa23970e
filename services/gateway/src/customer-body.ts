import type { Profile } from "@tidemark/contracts";
import { type Model, type ModelShelf, reasonText, type ReasonLanguage, score } from "@tidemark/scoring";
import type { StateRead } from "@tidemark/streams";
import type { CustomerBody, ScoreBody } from "./bodies.ts";
import { contractBody } from "./contract-body.ts";
import { isoTime, lifecycleName, tierName } from "./outputs.ts";

/**
 * What is known of a customer, computed as of two instants: `score` as of the last score emitted, which it equals,
 * and `now` as of `at`.
 * @param at ms since the epoch
 */
export function customerBody(
  profile: Profile,
  read: StateRead,
  question: { readonly at: number; readonly language: ReasonLanguage; readonly models: ModelShelf },
): CustomerBody {
  const { at, language, models } = question;
  const { current } = models;
  const emittedBy = models.byRef(profile.model) ?? current;
  const txWeeks = profile.purchaseDays === 0 ? 0 : (profile.lastDay - profile.firstDay) / 7;
  return {
    customerId: profile.customerId,
    score: scoreBody(profile, profile.scoredAt, emittedBy, language),
    now: scoreBody(profile, at, current, language),
    contract: contractBody(profile, at, current),
    profile: {
      x: Math.max(0, profile.purchaseDays - 1),
      txWeeks,
      tWeeks: profile.purchaseDays === 0 ? 0 : Math.max(txWeeks, weeksSince(profile.firstDay, at, current)),
      spendMinor: profile.grossMinor - profile.refundMinor,
      currency: current.artefact.currency,
      purchases: profile.purchases,
      complaintsOpen: profile.complaintsOpen,
      lastEventAt: profile.lastEventAt === 0 ? null : isoTime(profile.lastEventAt),
    },
    position: { partition: read.partition, offset: read.position },
    tick: read.tick === null ? null : isoTime(read.tick),
  };
}

const WEEK_MS = 7 * 86_400_000;

/** Age as the model counts it: from the end of the first purchase day. */
function weeksSince(firstDay: number, at: number, model: Model): number {
  return (at - model.calendar.endOf(firstDay)) / WEEK_MS;
}

function scoreBody(profile: Profile, at: number, model: Model, language: ReasonLanguage): ScoreBody {
  const computed = score(profile, at, model);
  return {
    version: computed.version,
    asOf: isoTime(computed.asOf),
    churn: computed.churn,
    churnHorizonDays: computed.churnHorizonDays,
    churnAfterLastPurchase: computed.churnAfterLastPurchase,
    value: computed.value,
    tier: tierName(computed.tier),
    lifecycle: lifecycleName(computed.lifecycle),
    reasons: computed.reasons.map((reason) => ({
      code: reason.code,
      logit: reason.logit,
      text: reasonText(reason, language),
    })),
    completeness: computed.completeness,
    model: { ...computed.model, fitted: model.artefact.fitted },
  };
}
