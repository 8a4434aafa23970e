import { type Contracts, emptyProfile, parseInputEvent, type Profile } from "@tidemark/contracts";
import { applyEvent, type ApplyTerms, type ProfileEvent } from "@tidemark/scoring";
import { quantilesOf } from "./quantiles.ts";
import { timed } from "./timing.ts";

export interface ApplyCost {
  /** CPU of an event whose state and record were decoded just before, as a turn has them, µs. */
  readonly usInTurns: number;
  /** The same where all states and records are kept decoded, in more memory than the processor's caches hold, µs. */
  readonly usKept: number;
  /** The customers after all events. */
  readonly profiles: readonly Profile[];
}

const ROUNDS = 24;
/** Of these, until everything is compiled. */
const WARM_UPS = 12;
/** Few enough for the caches, where a turn has what it applies: it decodes, applies and encodes one customer after the other. */
const TURN_EVENTS = 1_000;

/** @param lines a simulated shop, NDJSON in the order of time */
export function applyCost(lines: readonly string[], contracts: Contracts, terms: ApplyTerms): ApplyCost {
  const events = lines.map(parsed);
  const encoded = events.map(({ topic, record }): EncodedEvent => {
    const codec: { encode(value: unknown): Uint8Array } = contracts.codecs[topic];
    return { topic, customerId: record.customerId, bytes: codec.encode(record) };
  });
  const inTurns = Array.from({ length: ROUNDS }, () => roundInTurns(encoded, contracts, terms));
  // Of the last round alone: what many rounds keep alive would be collected at the cost of the next.
  let profiles = new Map<string, Profile>();
  const kept = Array.from({ length: ROUNDS }, () => {
    profiles = new Map();
    return timed(() => applyKept(events, profiles, terms)).cpuMs;
  });
  const usOf = (rounds: readonly number[]): number => {
    return (1_000 * quantilesOf(rounds.slice(WARM_UPS)).p50) / events.length;
  };
  return { usInTurns: usOf(inTurns), usKept: usOf(kept), profiles: [...profiles.values()] };
}

interface EncodedEvent {
  readonly topic: ProfileEvent["topic"];
  readonly customerId: string;
  readonly bytes: Uint8Array;
}

/** @returns CPU of applying alone, ms: states and records are decoded before, and states encoded after, as a turn does */
function roundInTurns(encoded: readonly EncodedEvent[], { codecs }: Contracts, terms: ApplyTerms): number {
  const states = new Map<string, Uint8Array>();
  let cpuMs = 0;
  for (let start = 0; start < encoded.length; start += TURN_EVENTS) {
    const profiles = new Map<string, Profile>();
    const work = encoded.slice(start, start + TURN_EVENTS).map(({ topic, customerId, bytes }) => {
      let profile = profiles.get(customerId);
      if (profile === undefined) {
        const state = states.get(customerId);
        profile = state === undefined ? emptyProfile(customerId) : codecs.processorState.decodeTrusted(state);
        profiles.set(customerId, profile);
      }
      return { profile, event: { topic, record: codecs[topic].decode(bytes) } as ProfileEvent };
    });
    cpuMs += timed(() => {
      for (const { profile, event } of work) apply(profile, event, terms);
    }).cpuMs;
    for (const [id, profile] of profiles) states.set(id, codecs.processorState.encode(profile));
  }
  return cpuMs;
}

function applyKept(events: readonly ProfileEvent[], profiles: Map<string, Profile>, terms: ApplyTerms): void {
  for (const event of events) {
    const { customerId } = event.record;
    let profile = profiles.get(customerId);
    if (profile === undefined) profiles.set(customerId, (profile = emptyProfile(customerId)));
    apply(profile, event, terms);
  }
}

function apply(profile: Profile, event: ProfileEvent, terms: ApplyTerms): void {
  if (applyEvent(profile, event, terms) !== "applied") throw new Error("an event of the shop was not applied");
}

function parsed(line: string): ProfileEvent {
  const event = parseInputEvent(JSON.parse(line), { referenceAt: null });
  if (!event.ok) throw new Error(`${event.path} ${event.message}`);
  return event;
}
