import type { Profile, Trade, Voice } from "@tidemark/contracts";

/** Sums that not every customer has are kept in two records that are null until the first of theirs comes. */
export function setTrade(profile: Profile, change: Partial<Trade>): void {
  profile.trade = { ...(profile.trade ?? NO_TRADE), ...change };
}

export function setVoice(profile: Profile, change: Partial<Voice>): void {
  profile.voice = { ...(profile.voice ?? NO_VOICE), ...change };
}

export function tradeOf({ trade }: Profile): Trade {
  return trade ?? NO_TRADE;
}

export function voiceOf({ voice }: Profile): Voice {
  return voice ?? NO_VOICE;
}

const NO_TRADE: Trade = {
  discountMinor: 0,
  discountOfMinor: 0,
  costMilliMinor: 0,
  acquisitionAt: 0,
  acquisitionCostMinor: 0,
  settled: 0,
  settledInTime: 0,
  payMs: 0,
  lateMs: 0,
};

const NO_VOICE: Voice = {
  npsAt: 0,
  nps: 0,
  responses: 0,
  responseMs: 0,
  resolved: 0,
  resolutionMs: 0,
  judged: 0,
  satisfied: 0,
  referralsConverted: 0,
  subscribedAt: 0,
  unsubscribedAt: 0,
  termEndsAt: 0,
};
