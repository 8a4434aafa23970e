import type { Reason } from "@tidemark/contracts";
import { REASON_WORDS } from "./reason-words.ts";

/** Languages that reasons are worded in. */
export type ReasonLanguage = "en" | "zh-CN";

/** One reason in words, for a person. A code that is not known here is given as it is. */
export function reasonText(reason: Reason, language: ReasonLanguage): string {
  const words = REASON_WORDS.get(reason.code);
  return words === undefined ? reason.code : words[language](reason);
}
