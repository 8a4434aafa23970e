import type { InputRefusal, Interaction, InteractionKind, Profile } from "@tidemark/contracts";
import { rememberReview } from "./alerts/review-alert.ts";
import { chargeCost } from "./cost-to-serve.ts";
import { toBaseMinor } from "./currency.ts";
import { DAY_MS } from "./day-calendar.ts";
import { applyContract, contractAmount } from "./contract-terms.ts";
import { ACTIVITY_HALF_LIFE_MS, addDecayed, ENGAGEMENT_HALF_LIFE_MS } from "./decayed-sum.ts";
import { rememberExposure } from "./exposure-list.ts";
import { addFeedback, addReview, isLowRating } from "./feedback-list.ts";
import type { Model } from "./model.ts";
import { setVoice, voiceOf } from "./optional-sums.ts";
import { refused } from "./outcome.ts";
import { addBalance, addUse } from "./product-list.ts";
import { addContact } from "./purchase-breadth.ts";
import { addStrain } from "./strain.ts";
import { addToWeek, type WeekSum } from "./week-list.ts";

/** Counts the interaction, its engagement if it is the customer's own doing, and what its kind says beside. */
export function applyInteraction(
  profile: Profile,
  interaction: Interaction,
  at: number,
  model: Model,
): InputRefusal | null {
  const { kind, channel } = interaction;
  const { balanceMinor, currency } = interaction;
  if (kind === "BALANCE" && balanceMinor !== null && currency !== null) {
    const baseMinor = toBaseMinor(balanceMinor, currency, model);
    if (baseMinor === null) return refused("NO_RATE", "/currency has no rate to the base currency in the model");
    addBalance(profile, interaction.product ?? "", baseMinor, at);
  }
  const amountMinor = contractAmount(profile, interaction, model);
  if (typeof amountMinor === "object" && amountMinor !== null) return amountMinor;
  const { index, engagement, week } = KINDS[kind];
  const { interactions } = profile;
  while (interactions.length <= index) interactions.push(0);
  interactions[index] = (interactions[index] ?? 0) + 1;
  const value = engagement * interaction.weight;
  if (value > 0) {
    const { engagementDecayed, activityDecayed, engagementAt } = profile;
    profile.engagementDecayed = addDecayed(engagementDecayed, engagementAt, value, at, ENGAGEMENT_HALF_LIFE_MS);
    profile.activityDecayed = addDecayed(activityDecayed, engagementAt, value, at, ACTIVITY_HALF_LIFE_MS);
    if (at > profile.engagementAt) profile.engagementAt = at;
  }
  const day = model.calendar.dayOf(at);
  for (const sum of week) addToWeek(profile, day, sum, 1);
  chargeCost(profile, day, model.costOf(kind, channel));
  if (channel !== null && kind !== "CAMPAIGN_EXPOSURE") addContact(profile, channel);
  applyKind(profile, interaction, at, day, model, amountMinor);
  return null;
}

/** What only one kind of interaction says. @param amountMinor of a contract, in the base currency */
function applyKind(
  profile: Profile,
  interaction: Interaction,
  at: number,
  day: number,
  model: Model,
  amountMinor: number | null,
): void {
  const { kind, scale, rating, dimension, sentiment, respondedAt, product } = interaction;
  switch (kind) {
    case "FEEDBACK":
      addFeedback(profile, interaction, at);
      if (isLowRating(interaction)) addStrain(profile, "lowRatings", 1, at);
      if (scale === "NPS" && dimension === null && rating !== null) rememberNps(profile, rating, at);
      return;
    case "REVIEW":
      if (sentiment === null) return;
      addReview(profile, sentiment, at);
      if (sentiment < 0) addStrain(profile, "hostility", -sentiment, at);
      rememberReview(profile, interaction.eventId, sentiment, at);
      return;
    case "SUPPORT":
      addStrain(profile, "support", 1, at);
      if (respondedAt === null) return;
      setVoice(profile, {
        responses: voiceOf(profile).responses + 1,
        responseMs: voiceOf(profile).responseMs + Math.max(0, respondedAt - at),
      });
      return;
    case "REFERRAL":
      if (interaction.converted !== true) return;
      setVoice(profile, { referralsConverted: voiceOf(profile).referralsConverted + 1 });
      addToWeek(profile, day, "referralsConverted", 1);
      return;
    case "SUBSCRIBE":
    case "RENEW": {
      applyContract(profile, interaction, at, amountMinor);
      const { subscribedAt, termEndsAt } = voiceOf(profile);
      const endsAt = interaction.renewsAt ?? (interaction.termDays === null ? 0 : at + interaction.termDays * DAY_MS);
      setVoice(profile, { subscribedAt: Math.max(subscribedAt, at), termEndsAt: Math.max(termEndsAt, endsAt) });
      return;
    }
    case "UNSUBSCRIBE":
      setVoice(profile, { unsubscribedAt: Math.max(voiceOf(profile).unsubscribedAt, at) });
      return;
    case "CAMPAIGN_EXPOSURE":
      rememberExposure(profile, interaction, at, model);
      return;
    case "SERVICE_USE":
      if (product !== null) addUse(profile, product);
      return;
    default:
  }
}

/** Of two ratings of one instant the lower stands. */
function rememberNps(profile: Profile, nps: number, at: number): void {
  const before = voiceOf(profile);
  const isNewest = at > before.npsAt || before.npsAt === 0 || (at === before.npsAt && nps < before.nps);
  if (isNewest) setVoice(profile, { npsAt: at, nps });
}

/** Where a kind is counted in `interactions`: its place among the symbols of the schema, which only ever grows at its end. */
export function interactionIndex(kind: InteractionKind): number {
  return KINDS[kind].index;
}

/** Kinds that are the customer's own doing. */
export function ownKinds(): InteractionKind[] {
  return (Object.keys(KINDS) as InteractionKind[]).filter((kind) => {
    return KINDS[kind].week.some((sum) => sum === "visits" || sum === "actions");
  });
}

interface KindRule {
  readonly index: number;
  /** Worth in visits, as a sign that the customer is there. Part of the profile's format: sums already made keep the old one. */
  readonly engagement: number;
  /** Sums of its week that it counts in. */
  readonly week: readonly WeekSum[];
}

const KINDS: Readonly<Record<InteractionKind, KindRule>> = {
  UNKNOWN: { index: 0, engagement: 0, week: [] },
  VISIT: { index: 1, engagement: 1, week: ["visits"] },
  SEARCH: { index: 2, engagement: 1, week: ["actions"] },
  CART: { index: 3, engagement: 2, week: ["actions"] },
  EMAIL_OPEN: { index: 4, engagement: 0.5, week: ["actions"] },
  EMAIL_CLICK: { index: 5, engagement: 1, week: ["actions", "clicks"] },
  // Done to the customer, not by him.
  CAMPAIGN_EXPOSURE: { index: 6, engagement: 0, week: ["exposures"] },
  // As likely a sign of trouble as of interest.
  SUPPORT: { index: 7, engagement: 0, week: [] },
  FEEDBACK: { index: 8, engagement: 1, week: ["actions"] },
  REVIEW: { index: 9, engagement: 1, week: ["actions"] },
  REFERRAL: { index: 10, engagement: 2, week: ["actions"] },
  SUBSCRIBE: { index: 11, engagement: 2, week: ["actions"] },
  RENEW: { index: 12, engagement: 2, week: ["actions"] },
  UNSUBSCRIBE: { index: 13, engagement: 0, week: [] },
  BALANCE: { index: 14, engagement: 0, week: [] },
  SERVICE_USE: { index: 15, engagement: 1, week: ["actions", "serviceUses"] },
  MEMBERSHIP: { index: 16, engagement: 2, week: ["actions"] },
  SUGGESTION: { index: 17, engagement: 1, week: ["actions"] },
};
