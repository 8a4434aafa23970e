import {
  type Contracts,
  type DeadLetter,
  dueOf,
  emptyProfile,
  type ErasureNames,
  isTime,
  type Profile,
  PROFILE_BYTES_MAX,
  type TierChange,
} from "@tidemark/contracts";
import {
  applyEvent,
  type ConsentDefault,
  erasureOf,
  isSuppressed,
  judge,
  type Model,
  monthOf,
  modelIdOf,
  type ModelShelf,
  nextDue,
  profileAfter,
  type ProfileEvent,
  rememberStanding,
  rememberTierMove,
  type ScoreBody,
  shelfOf,
  type TierJudgement,
} from "@tidemark/scoring";
import {
  type Application,
  assert,
  BATCH_BYTES_MAX,
  type ClockMode,
  type EraseContext,
  ErasureSecretWrong,
  type ScoreContext,
} from "@tidemark/streams";
import { alertRecord } from "./alert-record.ts";
import { createInputDecoder, INPUTS } from "./input-decoder.ts";
import { createJournalCodec, type ScaledClock } from "./journal-codec.ts";
import { recordId } from "./record-id.ts";

export interface ScoringOptions {
  readonly contracts: Contracts;
  /** Its artefact says the base currency and the time zone of purchase days. */
  readonly model: Model;
  /** Where models come into force while tasks run; default: `model` is the only one. */
  readonly models?: ModelShelf;
  readonly consentDefault: ConsentDefault;
  readonly clockMode: ClockMode;
  /** Of the markers of erased customers; null or left out = there is no secret to make them with, and the first tombstone ends the task. */
  readonly erasureNames?: ErasureNames | null;
  /** Of a demo's clock; it is kept in the journal (R4). */
  readonly scaledClock?: ScaledClock;
}

/** Customer scoring as the runtime runs it: four input topics to profiles, scores, tier changes and alerts. */
export function createScoringApplication(options: ScoringOptions): Application<Profile, ProfileEvent> {
  const { contracts, consentDefault, models = shelfOf(options.model), erasureNames = null } = options;
  const { codecs, topics } = contracts;
  return {
    inputs: INPUTS.map((topic) => topics[topic]),
    ...(options.clockMode === "event" ? { ticks: { topic: topics.ticks, decode: decodeTick } } : {}),

    ...createInputDecoder(codecs),
    loadSchema: (schemaId) => contracts.load(schemaId),

    create: emptyProfile,
    decodeState: (bytes) => codecs.processorState.decodeTrusted(bytes),
    encodeState(profile) {
      const bytes = codecs.processorState.encode(profile);
      assert(bytes.length < PROFILE_BYTES_MAX, "an encoded profile is smaller than 16 kB (R7)");
      return bytes;
    },
    dueOf,
    due: (profile) => profile.due,
    postpone(profile, due) {
      profile.due = due;
    },

    apply(profile, event, { referenceAt, appendedAt, model }) {
      return applyEvent(profile, event, { referenceAt, appendedAt, model: modelOf(model), consentDefault });
    },
    score: scoreProfile,
    erasure: {
      input: INPUTS.indexOf("customers"),
      secretCheck: erasureNames?.check ?? null,
      markerKey: (customerId) => requireNames().markerKey(customerId),
      erase: eraseCustomer,
      revive: (customerId, marker) => profileAfter(codecs.erasure.decode(marker), customerId),
    },
    deadLetter(letter) {
      const kept = withKeptKey(letter);
      return { topic: topics.deadLetters, key: kept.key, value: encodeLetter(kept) };
    },
    journal: createJournalCodec(codecs, options.scaledClock ?? null),
    models: {
      get current() {
        return modelIdOf(models.current);
      },
      has: (id) => models.byId(id) !== null,
    },
  };

  function modelOf(id: string): Model {
    const model = models.byId(id);
    assert(model !== null, "a turn's model is at hand (R8)");
    return model;
  }

  /** A record nearly as large as a batch may be leaves no room for what a letter adds: its value stays where it came from. */
  function encodeLetter(letter: DeadLetter): Uint8Array {
    const bytes = codecs.deadLetters.encode(letter);
    if (bytes.length + (letter.key?.length ?? 0) <= BATCH_BYTES_MAX) return bytes;
    const reason = `${letter.reason}; the value is too large for a dead letter: it is at this offset of the topic`;
    return codecs.deadLetters.encode({ ...letter, value: null, reason });
  }

  /**
   * A TICK written with a schema that is not known yet cannot wait for it: ticks are this system's own. Time that a TICK has moved on
   * never goes back, so one beyond the times that there are is none.
   */
  function decodeTick(value: Uint8Array): number | null {
    try {
      const { at } = codecs.ticks.decode(value);
      return isTime(at) ? at : null;
    } catch {
      return null;
    }
  }

  /**
   * After records there is always a new score; a timer that finds tier and lifecycle unchanged and no alert only moves on, so that
   * versions and the score that stands say what was emitted last. A sweep scores anew whom another model has scored last, also where
   * nothing but the model's name is another: a score says what made it.
   */
  function scoreProfile(profile: Profile, at: number, context: ScoreContext): boolean {
    const model = modelOf(context.model);
    const isAnother = !isScoredBy(profile, model);
    const isSweep = context.cause === "model";
    if (isSweep && !isAnother) return false;
    if (isSuppressed(profile, consentDefault)) return !isSweep && withdrawScore(profile, context);
    const { body: found, tier, lifecycleChanged, alerts } = judge(profile, at, model);
    profile.due = nextDue(profile, at, model);
    if (context.cause === "timer" && tier === null && !lifecycleChanged && alerts === null) return false;
    profile.version++;
    profile.scoredAt = at;
    profile.model = model.ref;
    const body = { ...found, version: profile.version };
    rememberStanding(profile, body);

    const key = profile.customerId;
    const { turn, tick } = context;
    const cause = context.cause === "records" ? "EVENT" : isAnother ? "MODEL" : "TIME";
    context.emit({ topic: topics.scores, key, value: codecs.scores.encode({ ...body, turn, tick }) });
    if (tier !== null) {
      const month = monthOf(model.calendar.dayOf(at));
      rememberTierMove(profile, { month, from: tier.from, to: tier.to });
      const change = tierChange(body, tier, cause, context);
      context.emit({ topic: topics.tierChanges, key, value: codecs.tierChanges.encode(change) });
    }
    for (const alert of alerts ?? []) {
      const record = alertRecord(alert, body, model, cause, context);
      context.emit({ topic: topics.churnAlerts, key, value: codecs.churnAlerts.encode(record) });
    }
    return true;
  }

  /** Before anything is made of a tombstone: without a marker the customer would come back with the next record that is late. */
  function requireNames(): ErasureNames {
    if (erasureNames !== null) return erasureNames;
    throw new ErasureSecretWrong(
      "a customer is to be erased and there is no secret to keep the fact under: set TIDEMARK_ERASURE_KEY, to the same for every process; the erasure waits in the log",
    );
  }

  function eraseCustomer(profile: Profile, context: EraseContext): Uint8Array {
    requireNames();
    if (profile.scoredAt !== 0) {
      context.emit({ topic: topics.scores, key: profile.customerId, value: null });
    }
    return codecs.erasure.encode(erasureOf(profile, context.appendedAt, context.referenceAt));
  }

  /** A tombstone for the last score of a customer whose data may not be used any more, once. */
  function withdrawScore(profile: Profile, context: ScoreContext): boolean {
    profile.due = null;
    if (profile.scoredAt === 0) return false;
    profile.scoredAt = 0;
    context.emit({ topic: topics.scores, key: profile.customerId, value: null });
    return true;
  }
}

/** A key that no customer can have, and that would be in the letter twice, stays where it came from likewise. */
function withKeptKey(letter: DeadLetter): DeadLetter {
  if ((letter.key?.length ?? 0) <= LETTER_KEY_BYTES_MAX) return letter;
  const reason = `${letter.reason}; the key is too large for a dead letter: it is at this offset of the topic`;
  return { ...letter, key: null, reason };
}

/** Some times what a customer's id may have. */
const LETTER_KEY_BYTES_MAX = 1_024;

function isScoredBy({ model, scoredAt }: Profile, { ref }: Model): boolean {
  return scoredAt > 0 && model.name === ref.name && model.version === ref.version;
}

function tierChange(
  { customerId, version, asOf, value, churn, lifecycle, reasons, segment, model }: ScoreBody,
  { from, to, reason, evidence: { boundaryMinor, keptMs } }: TierJudgement,
  cause: TierChange["cause"],
  { turn, tick }: ScoreContext,
): TierChange {
  return {
    // A score brings at most one change.
    changeId: recordId("tier-change", version, customerId),
    customerId,
    version,
    asOf,
    from,
    to,
    cause,
    value,
    churn,
    lifecycle,
    reasons,
    segment,
    turn,
    tick,
    model,
    reason,
    boundaryMinor,
    keptMs,
  };
}
