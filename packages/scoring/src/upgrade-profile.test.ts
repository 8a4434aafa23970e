import { readdirSync, readFileSync } from "node:fs";
import { type Contracts, emptyProfile, openContracts, type Profile } from "@tidemark/contracts";
import { beforeAll, describe, expect, test } from "vitest";
import { applyEvent } from "./apply-event.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { indicatorsOf } from "./indicators/catalogue.ts";
import { createModel } from "./model.ts";
import { sampleEvent } from "./sample-event.ts";

const HISTORY = new URL("../../../schemas/history/processor-state/", import.meta.url);
const FIXTURES = new URL("../../../test/fixtures/profiles/", import.meta.url);
const VERSIONS = readdirSync(HISTORY).map((file) => Number.parseInt(file, 10));

/** What a version did not keep is unknown of the time before the upgrade, by version. */
const NOT_KEPT: ReadonlyMap<number, ReadonlySet<string>> = new Map([
  [
    1,
    new Set([
      "activity365",
      "conversion365",
      "categories",
      "categoryShift",
      "channels",
      "preferredChannel",
      "preferredChannelShare",
      "satisfiedAfterResolution",
      "completeness",
    ]),
  ],
]);

const model = createModel(defaultArtefact());
let contracts: Contracts;

beforeAll(async () => {
  const registry = {
    register: async () => 1_000,
    fetch: async (id: number) => readFileSync(new URL(`${String(id).padStart(4, "0")}.avsc`, HISTORY), "utf8"),
  };
  contracts = await openContracts({ registry, prefix: "t." });
});

describe.each(VERSIONS)("a profile written by version %i", (version) => {
  const { events, value } = fixtureOf(version);
  const START = events[0]?.occurredAt ?? 0;
  const at = (day: number): number => START + day * DAY_MS + 500;

  /** Events that change and take back what the profile holds. */
  const later = [
    { type: "complaint", kind: "REOPENED", complaintId: "k1", occurredAt: at(80) },
    { type: "complaint", kind: "RESOLVED", complaintId: "k2", occurredAt: at(81) },
    { type: "purchase", kind: "CANCELLATION", orderId: "o3", originalOccurredAt: at(40), occurredAt: at(82) },
    { type: "purchase", kind: "REFUND", amountMinor: 400, occurredAt: at(83) },
    { type: "purchase", kind: "PURCHASE", orderId: "o9", amountMinor: 3_000, marginMinor: 700, occurredAt: at(84) },
  ].map((event, i) => ({ ...event, eventId: `later-${i}`, customerId: "c1" }));

  async function decoded(): Promise<Profile> {
    const header = Buffer.alloc(5);
    header.writeInt32BE(version, 1);
    await contracts.load(version);
    return contracts.codecs.processorState.decode(Buffer.concat([header, Buffer.from(value, "base64")]));
  }

  test("gives the indicators of its events as it is read", async () => {
    expectKept(await decoded(), applied(emptyProfile("c1"), events), at(79), version);
  });

  test("goes on as if this version had kept it from the start", async () => {
    const profile = applied(await decoded(), later);
    expectKept(profile, applied(emptyProfile("c1"), [...events, ...later]), at(90), version);
    expect(profile.refundDays.length).toBe(0);
  });

  test("has what only the hazard reads as far as it was kept", async () => {
    const profile = applied(await decoded(), later);
    const whole = applied(emptyProfile("c1"), [...events, ...later]);
    expect(profile.ordersDecayed / whole.ordersDecayed).toBeCloseTo(1, 2);
    expect(profile.activityDecayed).toBeGreaterThan(0.7 * profile.engagementDecayed);
    expect(profile.activityDecayed).toBeLessThanOrEqual(whole.activityDecayed + 1e-12);
    if (version >= 3) {
      const kept = ({ activityDecayed, strain, contract }: Profile) => ({ activityDecayed, strain, contract });
      expect(kept(profile)).toEqual(kept(whole));
    } else if (version === 2) {
      expect(profile.contract).toMatchObject({ at: whole.contract?.at, renewsAt: whole.voice?.termEndsAt });
    }
  });
});

interface Fixture {
  readonly events: readonly { readonly type: string; readonly occurredAt: number }[];
  /** The record without its header, base64. */
  readonly value: string;
}

function fixtureOf(version: number): Fixture {
  return JSON.parse(readFileSync(new URL(`${String(version).padStart(4, "0")}.json`, FIXTURES), "utf8")) as Fixture;
}

function applied(profile: Profile, events: readonly { readonly type: string }[]): Profile {
  for (const event of events) {
    const outcome = applyEvent(profile, sampleEvent(event), { referenceAt: null, model, consentDefault: "granted" });
    expect(outcome).toBe("applied");
  }
  return profile;
}

function expectKept(actual: Profile, expected: Profile, asOf: number, version: number): void {
  const kept = (profile: Profile): object => {
    const values = Object.entries(indicatorsOf(profile, asOf, model));
    return Object.fromEntries(values.filter(([name]) => NOT_KEPT.get(version)?.has(name) !== true));
  };
  expect(kept(actual)).toEqual(kept(expected));
}
