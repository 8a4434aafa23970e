import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openLevelStore } from "@tidemark/store-level";
import { parseChangelogKey } from "@tidemark/streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Random } from "../simulation/random.ts";
import { expectedProfile } from "./customer-oracle.ts";
import { type DataLog, openDataLog } from "./data-log.ts";
import { type EventSender, startSender } from "./event-sender.ts";
import { openSandbox, type Sandbox, type Server } from "./sandbox.ts";
import { type ShopEvent, type ShopEvents, shopEvents } from "./shop-events.ts";
import { readStream } from "./stream-reading.ts";
import { until } from "./until.ts";

const KILLS = process.env["TIDEMARK_TEST_LONG"] === "1" ? 100 : 20;
/** This share of the kills comes before the server answers. */
const STARTING_SHARE = 0.2;
/** The others come after so many calls were acknowledged and so long a time, while others are under way. */
const ACKNOWLEDGEMENTS_MAX = 6;
const LATER_MS_MAX = 40;
const BATCH_EVENTS_MAX = 60;

const DIRECTORY = "data";
const START = ["--data-dir", DIRECTORY];
const TOPICS_IN = ["purchases", "interactions", "complaints", "customers"] as const;

const seed = Number(process.env["TIDEMARK_TEST_SEED"] ?? Date.now() % 1_000_000);
let sandbox: Sandbox;
/** Each event once, and all of them acknowledged. */
let events: readonly ShopEvent[];
let server: Server;

/** A server on the same data, killed again and again while events come in; at the end one that is left alone. */
beforeAll(async () => {
  process.stdout.write(`kill -9 with TIDEMARK_TEST_SEED=${seed}\n`);
  const random = new Random(seed);
  sandbox = await openSandbox();
  const shop = shopEvents(random, Date.now());
  const made: ShopEvent[] = [];
  const sender = startSender(() => nextBatch(random, shop, made));

  await killAgainAndAgain(random, sender, KILLS / 2);
  // From here on there are stores, which lag the log further with each kill.
  await stopUnderLoad(sender);
  await killAgainAndAgain(random, sender, KILLS / 2);
  expect(sender.inDoubt).toBeGreaterThan(0);

  server = await sandbox.start(START);
  sender.reach(server.url);
  await sender.finish();
  events = [...made, ...(await sendLastEvents(server.url, shop.customers))];
  process.stdout.write(`${events.length} events, ${sender.inDoubt} calls without an answer\n`);
}, 600_000);
afterAll(() => sandbox[Symbol.asyncDispose]());

test("no acknowledged event is lost and none counts twice", { timeout: 60_000 }, async () => {
  for (const [customerId, own] of Map.groupBy(events, (event) => event.customerId)) {
    const expected = expectedProfile(own);
    // The last event of each customer came last, so whoever knows it has applied all that was in the log before.
    const profile = await until(`the last event of ${customerId} is applied`, async () => {
      const answer = await profileOf(server, customerId);
      return answer?.lastEventAt === expected.lastEventAt ? answer : null;
    });
    expect({ customerId, ...profile }).toMatchObject({ customerId, ...expected, currency: "EUR" });
  }
  await until("nothing lags any more", async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const lags = [...metrics.matchAll(/^tidemark_lag_records\{.*\} (\d+)$/gmu)].map(([, records]) => Number(records));
    return lags.length > 0 && lags.every((records) => records === 0) ? true : null;
  });
});

test("each customer's scores are numbered without a gap or a double, and the tiers follow from each other", async () => {
  const scores = Map.groupBy(await stream<ScoreEvent>("scores"), ({ customerId }) => customerId);
  const changes = await stream<TierChangeEvent>("tier-changes");

  expect(new Set(changes.map(({ changeId }) => changeId)).size).toBe(changes.length);
  const changesOf = Map.groupBy(changes, ({ customerId }) => customerId);
  expect(scores.size).toBe(new Set(events.map(({ customerId }) => customerId)).size);
  for (const [customerId, own] of scores) {
    expect(own.map(({ version }) => version)).toEqual(own.map((_, index) => index + 1));
    let standing: string | null = null;
    const steps = new Map((changesOf.get(customerId) ?? []).map((change) => [change.version, change]));
    for (const { version, tier } of own) {
      const step = steps.get(version);
      if (step !== undefined) {
        expect(step).toMatchObject({ from: standing, to: tier });
        expect(step.to).not.toBe(standing);
        steps.delete(version);
      }
      standing = step?.to ?? standing;
      expect(tier).toBe(standing);
    }
    expect(steps.size).toBe(0);
  }
});

test("SIGTERM ends it with exit code 0 and clean stores", async () => {
  const { code, stderr } = await server.stop();

  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const checkpoints = await checkpointsOf(sandbox);
  expect(checkpoints).toHaveLength(8);
  for (const { clean } of checkpoints) expect(clean).toBe(true);
});

test("what became of the records adds up to the log, turn by turn", async () => {
  await using data = await openDataLog(join(sandbox.folder, DIRECTORY));
  const { codecs, topics } = data.contracts;
  const counts = { applied: 0, duplicate: 0, suppressed: 0, deadLetter: 0, ticks: 0 };
  for (const [partition, records] of (await data.read(topics.journal)).entries()) {
    const entries = records.map(({ value }) => codecs.journal.decode(value ?? Buffer.of()));
    expect(entries.map(({ turn }) => turn)).toEqual(entries.map((_, index) => index + 1));
    const ticks = entries.map(({ tickMs }) => tickMs);
    expect(ticks).toEqual(ticks.toSorted((one, other) => one - other));
    const last = entries.at(-1);
    for (const topic of TOPICS_IN.map((name) => topics[name])) {
      const next = last?.offsets.find((offset) => offset.topic === topic)?.next;
      expect(next).toBe((await data.log.offsets(topic, partition)).end);
    }
    for (const name of ["applied", "duplicate", "suppressed", "deadLetter", "ticks"] as const) {
      counts[name] += last?.counts[name] ?? 0;
    }
  }
  const stored = await storedIds(data);
  expect(new Set(stored)).toEqual(new Set(events.map(({ eventId }) => eventId)));
  expect(counts).toEqual({
    applied: events.length,
    duplicate: stored.length - events.length,
    suppressed: 0,
    deadLetter: 0,
    ticks: 0,
  });
  // Else nothing was put to the test.
  expect(counts.duplicate).toBeGreaterThan(0);
});

test("another start and clean stop change nothing", async () => {
  const before = await everything();
  const again = await sandbox.start(START);
  const [first] = events;
  await until("it answers for a customer", () => profileOf(again, first?.customerId ?? ""));
  expect((await again.stop()).code).toBe(0);
  expect(await everything()).toEqual(before);
});

async function killAgainAndAgain(random: Random, sender: EventSender, kills: number): Promise<void> {
  let startMs = 0;
  for (let kill = 0; kill < kills; kill += 1) {
    const startedAt = performance.now();
    if (kill > 0 && random.chance(STARTING_SHARE)) {
      const running = sandbox.begin(["start", "--port", "0", ...START]);
      await pause(random.fraction() * startMs);
      running.child.kill("SIGKILL");
      expect((await running.ended).stderr).toBe("");
      continue;
    }
    const life = await sandbox.start(START);
    startMs = performance.now() - startedAt;
    sender.reach(life.url);
    await sender.acknowledgements(1 + random.integer(ACKNOWLEDGEMENTS_MAX));
    await pause(random.fraction() * LATER_MS_MAX);
    life.child.kill("SIGKILL");
    expect(await life.ended).toMatchObject({ signal: "SIGKILL", stderr: "" });
  }
}

async function stopUnderLoad(sender: EventSender): Promise<void> {
  const life = await sandbox.start(START);
  sender.reach(life.url);
  await sender.acknowledgements(3);
  expect(await life.stop()).toMatchObject({ code: 0, stderr: "" });
}

/** New events, and some that were sent before. */
function nextBatch(random: Random, shop: ShopEvents, made: ShopEvent[]): readonly ShopEvent[] {
  const batch = Array.from({ length: 1 + random.integer(BATCH_EVENTS_MAX) }, () => shop.next());
  const again = made.slice(-500).filter(() => random.chance(0.01));
  made.push(...batch);
  return [...batch, ...again];
}

/** One more event of each customer, newer than all. */
async function sendLastEvents(url: string, customers: readonly string[]): Promise<readonly ShopEvent[]> {
  const occurredAt = Date.now();
  const last = customers.map((customerId): ShopEvent => {
    return { type: "interaction", kind: "SERVICE_USE", eventId: `last-${customerId}`, customerId, occurredAt };
  });
  const body = JSON.stringify({ events: last });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/v1/events`, { method: "POST", headers, body });
  expect(await response.json()).toEqual({ accepted: customers.length, rejected: [] });
  return last;
}

interface ProfileBody {
  readonly lastEventAt: string;
}

async function profileOf({ url }: Server, customerId: string): Promise<ProfileBody | null> {
  const response = await fetch(`${url}/v1/customers/${customerId}`);
  const body = await response.text();
  return response.status === 200 ? (JSON.parse(body) as { readonly profile: ProfileBody }).profile : null;
}

interface ScoreEvent {
  readonly customerId: string;
  readonly version: number;
  readonly tier: string | null;
}

interface TierChangeEvent {
  readonly customerId: string;
  readonly version: number;
  readonly changeId: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** All that a topic holds, as its stream tells it from offset 0 on. */
async function stream<Body>(name: string): Promise<readonly Body[]> {
  const { stdout } = await sandbox.run(["inspect", "--json", ...START]);
  const { topics } = JSON.parse(stdout) as { readonly topics: readonly { name: string; partitions: Range[] }[] };
  const { partitions } = topics.find((topic) => topic.name === `tidemark.${name}`) ?? { partitions: [] };
  const bodies = await readStream(`${server.url}/v1/streams/${name}`, partitions);
  expect(bodies).toHaveLength(partitions.reduce((sum, { start, end }) => sum + end - start, 0));
  return bodies as readonly Body[];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Before the content of a row; any byte of it may look like the beginning of JSON. */
const CHECKSUM_BYTES = 4;

/** What each store, and each of the views', says of itself. */
async function checkpointsOf({ folder }: Sandbox): Promise<readonly { readonly clean: boolean }[]> {
  const checkpoints: { readonly clean: boolean }[] = [];
  for (const kind of ["stores", "views"]) {
    for (const partition of ["0", "1", "2", "3"]) {
      const store = await openLevelStore({ directory: join(folder, DIRECTORY, kind, partition) });
      const row = Buffer.from(store.get("m") ?? []).toString("latin1");
      await store.close();
      checkpoints.push(JSON.parse(row.slice(CHECKSUM_BYTES)) as { readonly clean: boolean });
    }
  }
  return checkpoints;
}

async function storedIds(data: DataLog): Promise<readonly string[]> {
  const { codecs, topics } = data.contracts;
  const ids: string[] = [];
  for (const name of TOPICS_IN) {
    for (const { key, value } of (await data.read(topics[name])).flat()) {
      const { eventId, customerId } = codecs[name].decode(value ?? Buffer.of());
      expect(Buffer.from(key ?? []).toString()).toBe(customerId);
      ids.push(eventId);
    }
  }
  return ids;
}

/** Every record of every topic but the barriers, which each owner of a partition leaves in its changelog. */
async function everything(): Promise<ReadonlyMap<string, readonly string[]>> {
  await using data = await openDataLog(join(sandbox.folder, DIRECTORY));
  const whole = new Map<string, readonly string[]>();
  for (const { name } of await data.log.topics()) {
    const records = (await data.read(name)).flatMap((own, partition) => {
      return own
        .filter(({ key }) => key === null || parseChangelogKey(key)?.kind !== "barrier")
        .map(({ offset, key, value }) => [
          partition,
          name === data.contracts.topics.processorState ? 0 : offset,
          Buffer.from(key ?? []).toString("base64"),
          Buffer.from(value ?? []).toString("base64"),
        ]);
    });
    whole.set(name, records.map(String));
  }
  return whole;
}
