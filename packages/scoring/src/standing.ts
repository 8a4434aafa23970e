import type { Profile } from "@tidemark/contracts";
import type { ScoreBody } from "./score.ts";

/** Keeps what the score just emitted says of the customer, so that figures of the whole base need not score anybody. */
export function rememberStanding(profile: Profile, { value, reasons }: Pick<ScoreBody, "value" | "reasons">): void {
  if (value === null) {
    profile.standing = null;
    return;
  }
  const { realisedMinor, expectedMinor, atRiskMinor } = value;
  let cause = { code: "", logit: 0 };
  for (const reason of reasons) if (reason.logit > cause.logit) cause = reason;
  profile.standing = { realisedMinor, expectedMinor, atRiskMinor, cause: cause.code };
}
