import type { Profile } from "@tidemark/contracts";
import { contractOf, isRunning, type Model, nextRenewal } from "@tidemark/scoring";
import type { ContractBody } from "./bodies.ts";
import { isoTime } from "./outputs.ts";

const DAY_MS = 86_400_000;

/** The contract by which churn is told, as of an instant; null where none is known. @param at ms since the epoch */
export function contractBody(profile: Profile, at: number, model: Model): ContractBody | null {
  const contract = contractOf(profile, model.renewals);
  if (contract === null) return null;
  const { endsAt, termMs, renewsItself, isEnded, renewals, amountMinor, agreedAt } = contract;
  const running = isRunning(contract, at);
  const next = running ? nextRenewal(contract, at) : { at: endsAt, before: renewals };
  return {
    state: running ? "running" : isEnded ? "ended" : "ranOut",
    at: isoTime(next.at),
    source: agreedAt === null ? "customerRecord" : "events",
    renewals: next.before,
    termDays: termMs / DAY_MS,
    renewsItself,
    priceMinor: amountMinor === 0 ? null : amountMinor,
    currency: model.artefact.currency,
  };
}
