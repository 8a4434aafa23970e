import { type Artefact, createModel, type Model, modelHash } from "@tidemark/scoring";
import type { z } from "zod";
import { artefactSchema } from "./artefact-schema.ts";

/** What is fixed for an installation, and for every artefact that is used there. */
export interface ModelPlace {
  readonly currency: string;
  readonly timeZone: string;
}

/** Why an artefact is not used; `reason` names its fields and never a customer. */
export interface ModelRefusal {
  readonly code:
    | "MODEL_UNREADABLE"
    | "MODEL_TOO_LARGE"
    | "MODEL_INVALID"
    | "MODEL_HASH_DIFFERS"
    | "MODEL_OTHER_CURRENCY"
    | "MODEL_OTHER_TIME_ZONE"
    | "MODEL_VERSION_CHANGED"
    | "MODELS_TOO_MANY";
  readonly reason: string;
}

export type Admission =
  | { readonly ok: true; readonly model: Model }
  | { readonly ok: false; readonly refusal: ModelRefusal };

/** Of an artefact's text, UTF-16 units: so that its record stays well below what a log takes at once. */
const ARTEFACT_LENGTH_MAX = 512 * 1024;

/**
 * Looks at an artefact as a whole before anything is scored with it: form, numbers, checksum, and whether it is of this installation.
 * @param hash what its record says; null = nothing is said yet
 * @param place null = an artefact of any installation will do
 */
export function admitArtefact(text: string, hash: string | null, place: ModelPlace | null): Admission {
  if (text.length > ARTEFACT_LENGTH_MAX) {
    return refused("MODEL_TOO_LARGE", `an artefact has at most ${ARTEFACT_LENGTH_MAX} characters`);
  }
  const json = parsedOrNull(text);
  if (json === null) return refused("MODEL_UNREADABLE", "the artefact is no JSON");
  const result = artefactSchema.safeParse(json);
  if (!result.success) return refused("MODEL_INVALID", wordsOf(result.error));
  const artefact = result.data;
  if (hash !== null && modelHash(artefact) !== hash) {
    return refused("MODEL_HASH_DIFFERS", "the artefact is not what its hash says");
  }
  const other = place === null ? null : otherPlace(artefact, place);
  if (other !== null) return { ok: false, refusal: other };
  try {
    return { ok: true, model: createModel(artefact) };
  } catch (error) {
    return refused("MODEL_INVALID", error instanceof RangeError ? error.message : "no model can be made of it");
  }
}

function otherPlace({ currency, timeZone }: Artefact, place: ModelPlace): ModelRefusal | null {
  if (currency !== place.currency) {
    const reason = `the artefact is in ${currency} and sums here are in ${place.currency}`;
    return { code: "MODEL_OTHER_CURRENCY", reason };
  }
  if (timeZone !== place.timeZone) {
    const reason = `the artefact counts days of ${timeZone} and here they are of ${place.timeZone}`;
    return { code: "MODEL_OTHER_TIME_ZONE", reason };
  }
  return null;
}

function parsedOrNull(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

const PROBLEMS_MAX = 5;

/** JSON pointers and what is wrong there. */
function wordsOf({ issues }: z.ZodError): string {
  const words = issues.slice(0, PROBLEMS_MAX).map(({ path, message }) => `/${path.map(String).join("/")}: ${message}`);
  const more = issues.length > PROBLEMS_MAX ? [`and ${issues.length - PROBLEMS_MAX} more`] : [];
  return [...words, ...more].join("; ");
}

function refused(code: ModelRefusal["code"], reason: string): Admission {
  return { ok: false, refusal: { code, reason } };
}
