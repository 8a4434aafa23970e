import { createHash } from "node:crypto";
import {
  type Contracts,
  type DeadLetter,
  dueOf,
  emptyProfile,
  type Profile,
  PROFILE_BYTES_MAX,
  type TierChange,
} from "@tidemark/contracts";
import {
  applyEvent,
  type ConsentDefault,
  isSuppressed,
  type Model,
  judge,
  nextDue,
  type ProfileEvent,
  type ScoreBody,
  SCORING_VERSION,
  type TierJudgement,
} from "@tidemark/scoring";
import { type Application, assert, BATCH_BYTES_MAX, type ClockMode, type ScoreContext } from "@tidemark/streams";
import { alertRecord, causeOf } from "./alert-record.ts";
import { createInputDecoder, INPUTS } from "./input-decoder.ts";
import { createJournalCodec, type ScaledClock } from "./journal-codec.ts";

export interface ScoringOptions {
  readonly contracts: Contracts;
  /** Its artefact says the base currency and the time zone of purchase days. */
  readonly model: Model;
  readonly consentDefault: ConsentDefault;
  readonly clockMode: ClockMode;
  /** Of a demo's clock; it is kept in the journal (R4). */
  readonly scaledClock?: ScaledClock;
}

/** Customer scoring as the runtime runs it: four input topics to profiles, scores, tier changes and alerts. */
export function createScoringApplication(options: ScoringOptions): Application<Profile, ProfileEvent> {
  const { contracts, model, consentDefault } = options;
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

    apply: (profile, event, { referenceAt }) => applyEvent(profile, event, { referenceAt, model, consentDefault }),
    score: scoreProfile,
    deadLetter: (letter) => ({ topic: topics.deadLetters, key: letter.key, value: encodeLetter(letter) }),
    journal: createJournalCodec(codecs, options.scaledClock ?? null),
    model: `${model.ref.name}/${model.ref.version}/${model.hash}/scoring-${SCORING_VERSION}`,
  };

  /** A record nearly as large as a batch may be leaves no room for what a letter adds: its value stays where it came from. */
  function encodeLetter(letter: DeadLetter): Uint8Array {
    const bytes = codecs.deadLetters.encode(letter);
    if (bytes.length + (letter.key?.length ?? 0) <= BATCH_BYTES_MAX) return bytes;
    const reason = `${letter.reason}; the value is too large for a dead letter: it is at this offset of the topic`;
    return codecs.deadLetters.encode({ ...letter, value: null, reason });
  }

  /** A TICK written with a schema that is not known yet cannot wait for it: ticks are this system's own. */
  function decodeTick(value: Uint8Array): number | null {
    try {
      return codecs.ticks.decode(value).at;
    } catch {
      return null;
    }
  }

  /**
   * After records there is always a new score; a timer that finds tier and lifecycle unchanged and no alert only moves on, so that
   * versions and the score that stands say what was emitted last.
   */
  function scoreProfile(profile: Profile, at: number, context: ScoreContext): boolean {
    if (isSuppressed(profile, consentDefault)) return withdrawScore(profile, context);
    const { body: found, tier, lifecycleChanged, alerts } = judge(profile, at, model);
    profile.due = nextDue(profile, at, model);
    if (context.cause === "timer" && tier === null && !lifecycleChanged && alerts === null) return false;
    profile.version++;
    profile.scoredAt = at;
    profile.model = model.ref;

    const key = Buffer.from(profile.customerId);
    const { turn, tick } = context;
    const body = { ...found, version: profile.version };
    context.emit({ topic: topics.scores, key, value: codecs.scores.encode({ ...body, turn, tick }) });
    if (tier !== null) {
      const change = tierChange(body, tier, context);
      context.emit({ topic: topics.tierChanges, key, value: codecs.tierChanges.encode(change) });
    }
    for (const alert of alerts ?? []) {
      const record = alertRecord(alert, body, model, context);
      context.emit({ topic: topics.churnAlerts, key, value: codecs.churnAlerts.encode(record) });
    }
    return true;
  }

  /** A tombstone for the last score of a customer whose data may not be used any more, once. */
  function withdrawScore(profile: Profile, context: ScoreContext): boolean {
    profile.due = null;
    if (profile.scoredAt === 0) return false;
    profile.scoredAt = 0;
    context.emit({ topic: topics.scores, key: Buffer.from(profile.customerId), value: null });
    return true;
  }
}

function tierChange(
  { customerId, version, asOf, value, churn, lifecycle, reasons, segment, model }: ScoreBody,
  { from, to, reason, evidence: { boundaryMinor, keptMs } }: TierJudgement,
  { turn, tick, cause }: ScoreContext,
): TierChange {
  return {
    changeId: changeIdOf(customerId, version),
    customerId,
    version,
    asOf,
    from,
    to,
    cause: causeOf(cause),
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

/** A score brings at most one change, so customer and version name it; hashed, since ids of changes go into logs and webhooks. */
function changeIdOf(customerId: string, version: number): string {
  return createHash("sha256").update(`tier-change\n${version}\n${customerId}`).digest("hex").slice(0, 32);
}
