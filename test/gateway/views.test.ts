import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createErasureNames } from "@tidemark/contracts";
import {
  connectViews,
  type FromViews,
  serveViews,
  type ToViews,
  type Views,
  type ViewsEnd,
} from "@tidemark/gateway/views";
import { openLevelStore } from "@tidemark/store-level";
import {
  carryError,
  DirectoryLocked,
  ErasureSecretWrong,
  partitionOf,
  StateCorrupted,
  StoreUnavailable,
} from "@tidemark/streams";
import { createLogger } from "@tidemark/telemetry";
import { joinChannel, openChannel } from "@tidemark/thread-channel";
import { afterEach, beforeEach, expect, test } from "vitest";
import { erasureNames } from "./pipeline.ts";
import { openRig, PARTITIONS, type Rig, untilAsync, viewsOf, wallClock } from "./rig.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tidemark-views-"));
});
afterEach(() => rm(directory, { recursive: true }));

test("where one store cannot be opened, none is left open", async () => {
  await using rig = await openRig();
  const taken = await openLevelStore(placeOf(1));
  const starting = viewsOf(rig, directory);
  await expect(starting).rejects.toBeInstanceOf(DirectoryLocked);
  await taken.close();
  await expectFree();
});

test("views that follow elsewhere are read here: who there is, how many, and who was erased", async () => {
  await using rig = await openRig({ withPipeline: true });
  const [stays, gone] = ["stays", "gone"];
  await post(rig, [purchase("e-1", stays), purchase("e-2", gone)]);
  const { views } = await connected(rig);
  await untilAsync(async () => views.states.ready && views.counts().customers === 2);
  expect((await rig.call(`/v1/customers/${gone}`, { method: "DELETE" })).status).toBe(202);
  await untilAsync(async () => views.states.read(gone).marker !== null);
  expect(views.states.read(gone)).toMatchObject({ value: null, partition: partitionOf(Buffer.from(gone), PARTITIONS) });
  const read = views.states.read(stays);
  expect(read).toMatchObject({ marker: null });
  expect(rig.contracts.codecs.processorState.decode(read.value ?? new Uint8Array())).toMatchObject({ purchases: 1 });
  expect(read.tick).toBeGreaterThan(0);
  await untilAsync(async () => views.counts().customers === 1);
  expect(views.figures().totals[0]).toBe(1);
  await views.stop();
  await expect(views.ended).resolves.toBeUndefined();
  await expectFree();
});

test("a store that a reader finds damaged is emptied by who owns it, and filled anew", async () => {
  await using rig = await openRig({ withPipeline: true });
  await post(rig, [purchase("e-1", "one"), purchase("e-2", "two")]);
  const { views, lines } = await connected(rig);
  await untilAsync(async () => views.states.ready && views.counts().customers === 2);
  const beside = await openLevelStore(placeOf(partitionOf(Buffer.from("one"), PARTITIONS)));
  const bytes = Buffer.from(beside.get("pone") ?? []);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 4;
  await beside.write([{ key: "pone", value: bytes }], { sync: false });
  await beside.close();
  expect(() => views.states.read("one")).toThrow(StateCorrupted);
  await untilAsync(async () => lines.some((line) => line.includes("a view starts again")));
  await untilAsync(async () => views.states.ready && views.states.read("one").value !== null);
  expect(views.counts().customers).toBe(2);
  await views.stop();
  await expectFree();
});

test("a store that cannot be written is opened again by both that have it open, in one thread and the other", async () => {
  await using rig = await openRig({ withPipeline: true });
  await post(rig, [purchase("e-1", "one"), purchase("e-2", "two")]);
  const { views, lines, near } = await connected(rig);
  await untilAsync(async () => views.states.ready && views.counts().customers === 2);
  const partition = partitionOf(Buffer.from("one"), PARTITIONS);
  const filesBefore = await readFile(join(placeOf(partition).directory, "CURRENT"), "utf8");
  near?.send({ kind: "damaged", partition, error: carryError(new StoreUnavailable("no space")) });
  await untilAsync(async () => lines.some((line) => line.includes("queries wait")));
  await untilAsync(async () => views.states.ready && views.states.read("one").value !== null);
  // LevelDB makes a list of its files when it opens a store, and only when nobody had it open any more.
  expect(await readFile(join(placeOf(partition).directory, "CURRENT"), "utf8")).not.toBe(filesBefore);
  await post(rig, [purchase("e-3", "three")]);
  await untilAsync(async () => views.counts().customers === 3);
  await views.stop();
  await expectFree();
});

test("a view that must not go on is told of with its class, and leaves no store open", async () => {
  await using rig = await openRig({ withPipeline: true });
  expect((await rig.call("/v1/customers/gone", { method: "DELETE" })).status).toBe(202);
  const { views } = await connected(rig, createErasureNames("another secret"));
  await expect(views.ended).rejects.toBeInstanceOf(ErasureSecretWrong);
  await expect(views.stop()).rejects.toBeInstanceOf(ErasureSecretWrong);
  await expectFree();
});

test("where the thread is gone that they follow in, a stop waits for nobody", async () => {
  const { near, wayIn } = openChannel<ToViews, FromViews>();
  const views = await connectViews({
    ...readersPlace(),
    erasureNames,
    logger: silent,
    clock: wallClock,
    follow: () => near,
  });
  wayIn.port.close();
  await views.stop();
  await expectFree();
});

const silent = createLogger({ level: "silent", name: "views" });

async function connected(
  rig: Rig,
  names = erasureNames,
): Promise<{ views: Views; lines: string[]; near: ViewsEnd | null }> {
  const lines: string[] = [];
  let end: ViewsEnd | null = null;
  const { log, contracts } = rig;
  const views = await connectViews({
    ...readersPlace(),
    erasureNames: names,
    clock: wallClock,
    logger: createLogger({ level: "debug", name: "views", destination: { write: (line) => lines.push(line) } }),
    follow() {
      const { near, wayIn } = openChannel<ToViews, FromViews>();
      const runs = { ...readersPlace(), timeScale: 1, bootId: "boot", secretCheck: names.check };
      void joinChannel<FromViews, ToViews>(wayIn).then((far) =>
        serveViews({ ...runs, log, contracts, clock: wallClock }, far),
      );
      end = near;
      return near;
    },
  });
  return { views, lines, near: end };
}

function readersPlace() {
  return { directory, partitions: PARTITIONS, lapseDays: 90 };
}

function placeOf(partition: number) {
  return { directory: join(directory, String(partition)), shared: true };
}

/** Each can be opened by one alone. */
async function expectFree(): Promise<void> {
  for (let partition = 0; partition < PARTITIONS; partition++) {
    await (await openLevelStore({ ...placeOf(partition), shared: false })).close();
  }
}

async function post(rig: Rig, events: readonly object[]): Promise<void> {
  const body = events.map((event) => `${JSON.stringify(event)}\n`).join("");
  const headers = { "content-type": "application/x-ndjson" };
  expect((await rig.call("/v1/events", { method: "POST", headers, body })).status).toBe(202);
}

function purchase(eventId: string, customerId: string): object {
  return { type: "purchase", eventId, customerId, occurredAt: Date.now(), amountMinor: 2_500, currency: "EUR" };
}
