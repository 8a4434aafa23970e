import {
  type ChurnAlert,
  type Contracts,
  encodeInput,
  parseInputEvent,
  type Profile,
  type Score,
  type TierChange,
} from "@tidemark/contracts";
import type { ProfileEvent } from "@tidemark/scoring";
import type { Application, ScoreContext } from "@tidemark/streams";

/** For tests: runs an application as a task does, without a log. Every state goes through its bytes after every score. */
export class SampleShop {
  readonly #contracts: Contracts;
  readonly #application: Application<Profile, ProfileEvent>;
  readonly #states = new Map<string, Uint8Array>();
  readonly #open = new Map<string, Profile>();
  #turn = 0;
  /** All score records that were emitted, tombstones as null. */
  readonly scores: { readonly key: string; readonly score: Score | null }[] = [];
  readonly tierChanges: TierChange[] = [];
  readonly alerts: ChurnAlert[] = [];

  constructor(contracts: Contracts, application: Application<Profile, ProfileEvent>) {
    this.#contracts = contracts;
    this.#application = application;
  }

  get customers(): readonly string[] {
    return [...this.#states.keys()];
  }

  /** One turn: applies the events and scores whom they changed. */
  take(events: readonly ProfileEvent[], tick: number): void {
    const changed = new Set<string>();
    for (const event of events) {
      const outcome = this.apply(event, tick);
      if (outcome !== "applied") throw new Error(`not applied: ${JSON.stringify(outcome)}`);
      changed.add(event.record.customerId);
    }
    for (const id of changed) this.score(id, tick, "records");
  }

  /** Encodes, decodes and applies one event; @returns what came of it. */
  apply(event: ProfileEvent, tick: number): unknown {
    const { customerId } = event.record;
    const input = this.#application.inputs.indexOf(this.#contracts.topics[event.topic]);
    const decoded = this.#application.decode(input, customerId, this.encode(event));
    if (decoded.kind !== "event") return decoded;
    return this.#application.apply(this.state(customerId), decoded.event, {
      input,
      appendedAt: tick,
      referenceAt: tick,
      model: this.#application.models.current,
    });
  }

  /** Scores a customer; @returns whether more than the due time changed. */
  score(id: string, at: number, cause: ScoreContext["cause"]): boolean {
    this.#turn++;
    const { topics, codecs } = this.#contracts;
    const profile = this.state(id);
    const changed = this.#application.score(profile, at, {
      cause,
      turn: this.#turn,
      tick: at,
      model: this.#application.models.current,
      emit: ({ topic, key, value }) => {
        if (topic === topics.tierChanges && value !== null) this.tierChanges.push(codecs.tierChanges.decode(value));
        if (topic === topics.churnAlerts && value !== null) this.alerts.push(codecs.churnAlerts.decode(value));
        if (topic === topics.scores) {
          this.scores.push({
            key: Buffer.from(key ?? []).toString(),
            score: value === null ? null : codecs.scores.decode(value),
          });
        }
      },
    });
    this.#states.set(id, this.#application.encodeState(profile));
    this.#open.delete(id);
    return changed;
  }

  /** The state as it is worked on. */
  state(id: string): Profile {
    let profile = this.#open.get(id);
    if (profile === undefined) {
      const bytes = this.#states.get(id);
      profile = bytes === undefined ? this.#application.create(id) : this.#application.decodeState(bytes);
      this.#open.set(id, profile);
    }
    return profile;
  }

  encode(event: ProfileEvent): Uint8Array {
    return encodeInput(this.#contracts.codecs, event);
  }
}

/** An event from the fields that matter, the others at their defaults. */
export function sampleEvent(fields: Readonly<Record<string, unknown>> & { readonly type: string }): ProfileEvent {
  const common = { customerId: "c1", ...(fields.type === "purchase" ? { kind: "PURCHASE", currency: "USD" } : {}) };
  const event = parseInputEvent({ ...common, ...fields }, { referenceAt: null });
  if (!event.ok) throw new Error(`${event.path} ${event.message}`);
  return event;
}
