import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { parseSettings } from "@tidemark/installation";
import { openEmbeddedLog } from "@tidemark/log-embedded";
import { artefactText, defaultArtefact } from "@tidemark/scoring";
import { createLogger } from "@tidemark/telemetry";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readInstallation } from "./data-directory.ts";
import type { Inspection } from "./inspection.ts";
import { startLogThread } from "./log-thread/log-thread.ts";
import { openData } from "./open-data.ts";
import { runInProcess } from "./run-command.ts";

const startedIn = process.cwd();
let cwd = "";
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "changed-settings-"));
  process.chdir(cwd);
  await writeFile("f.csv", "customer,date,amount\nanna,2024-01-01,10\nben,2024-01-02,5.25\n");
  await writeFile("rejected.csv", "customer,date,amount\nanna,2024-02-30,10\n");
});
afterEach(async () => {
  process.chdir(startedIn);
  await rm(cwd, { recursive: true });
});

const DIRECTORY = ".tidemark/data";
const tidemark = (...words: readonly string[]) => runInProcess(words, { TIDEMARK_WORKERS: "0" });
const OTHER = ["--currency", "USD", "--time-zone", "Asia/Tokyo", "--clock", "event", "--topic-prefix", "other."];

async function inspection(): Promise<Inspection> {
  return JSON.parse((await tidemark("inspect", "--json")).stdout) as Inspection;
}

describe("a data directory in which nothing is stored", () => {
  it("takes other settings over, whatever the command had got to that made it", async () => {
    expect(await tidemark("import", "rejected.csv")).toMatchObject({ code: 1 });
    expect(await readInstallation(DIRECTORY)).toMatchObject({ currency: "EUR", clock: "wall" });
    const before = await inspection();
    // All that was ever stored: the ledger's entry of the file, the default parameters, and where the tasks stand.
    const filled = before.topics.filter(({ partitions }) => partitions.some(({ end }) => end > 0));
    expect(filled.map(({ name }) => name)).toEqual(["tidemark.imports", "tidemark.models", "tidemark.processor-state"]);
    // Copies of a log that is emptied may not be taken for copies of what comes.
    const copies = ["stores", "views"].map((name) => join(DIRECTORY, name, "of-before"));
    for (const path of copies) await mkdir(path, { recursive: true });

    const imported = await tidemark("import", "f.csv", "--json", ...OTHER);
    expect([imported.code, JSON.parse(imported.stdout)]).toMatchObject([0, { accepted: 2, rejected: 0 }]);
    for (const path of copies) expect(existsSync(path)).toBe(false);
    expect(await readInstallation(DIRECTORY)).toMatchObject({
      currency: "USD",
      timeZone: "Asia/Tokyo",
      clock: "event",
      topicPrefix: "other.",
    });
    const after = await inspection();
    expect(after).toMatchObject({
      store: { profiles: 2 },
      clock: { mode: "event", timeZone: "Asia/Tokyo", tick: "2024-01-02T14:59:59.999Z" },
      model: { currency: "USD" },
    });
    expect(after.topics.filter(({ name }) => !name.startsWith("other."))).toEqual([]);
    // Nothing is left of the model that counted in EUR, which each later start would warn of.
    const models = JSON.parse((await tidemark("models", "list", "--json")).stdout) as unknown[];
    expect(models).toMatchObject([{ name: "default", inForce: true, refusal: null }]);
    expect(await tidemark("score", "anna")).toMatchObject({ code: 0, stderr: "" });
  });

  it("takes them over from a start that then finds its port in use, and again after it", async () => {
    await tidemark("import", "rejected.csv");
    const other = createServer();
    other.listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const started = await tidemark("start", "--port", String(port), "--currency", "JPY");
    other.close();
    expect([started.code, started.stderr]).toEqual([3, expect.stringContaining("is in use")]);
    expect(await readInstallation(DIRECTORY)).toMatchObject({ currency: "JPY" });
    expect(await tidemark("import", "f.csv", "--currency", "USD")).toMatchObject({ code: 0 });
    expect((await inspection()).model).toMatchObject({ currency: "USD" });
  });

  it("keeps what is not said", async () => {
    await tidemark("import", "rejected.csv", "--time-zone", "Asia/Tokyo");
    const { createdAt } = (await readInstallation(DIRECTORY)) ?? {};
    expect(await tidemark("import", "f.csv", "--currency", "USD")).toMatchObject({ code: 0 });
    expect(await readInstallation(DIRECTORY)).toMatchObject({ currency: "USD", timeZone: "Asia/Tokyo", createdAt });
  });

  it("is not changed by a command that only asks", async () => {
    await tidemark("import", "rejected.csv");
    expect(await tidemark("inspect", "--currency", "USD")).toMatchObject({ code: 3 });
    expect(await readInstallation(DIRECTORY)).toMatchObject({ currency: "EUR" });
  });

  it("is a sound one of the old settings where a kill strikes before they are written", async () => {
    await tidemark("import", "rejected.csv");
    const log = await openEmbeddedLog({ directory: join(DIRECTORY, "log"), clock: systemClock() });
    const disposable = new Set(["imports", "models", "processor-state"].map((name) => `tidemark.${name}`));
    const killed = new Error("killed");
    for (const copies of ["stores", "views"]) await rm(join(DIRECTORY, copies), { recursive: true, force: true });
    await expect(log.closeEmptied({ disposable, whenEmpty: () => Promise.reject(killed) })).rejects.toBe(killed);
    expect(await tidemark("import", "f.csv", "--currency", "EUR")).toMatchObject({ code: 0 });
    expect(await inspection()).toMatchObject({ store: { profiles: 2 }, model: { currency: "EUR" } });
  });
});

describe("a data directory in which something is stored", () => {
  it("refuses other settings, says what to do, and stays as it is", async () => {
    await tidemark("import", "f.csv");
    const file = await readFile(join(DIRECTORY, "installation.json"), "utf8");
    const before = await inspection();
    for (const command of [
      ["import", "f.csv"],
      ["start", "--port", "0"],
    ]) {
      const { code, stdout, stderr } = await tidemark(...command, ...OTHER);
      expect([code, stdout]).toEqual([3, ""]);
      expect(stderr).toMatch(
        /CLOCK[\s\S]*TIME_ZONE[\s\S]*CURRENCY[\s\S]*TOPIC_PREFIX[\s\S]*leave the setting out.*--data-dir/u,
      );
    }
    expect(await readFile(join(DIRECTORY, "installation.json"), "utf8")).toBe(file);
    expect((await inspection()).topics).toEqual(before.topics);
  });

  it("refuses them where it is a model that somebody has published", async () => {
    await tidemark("import", "rejected.csv");
    const ours = artefactText({ ...defaultArtefact({ currency: "EUR" }), version: "ours", marginRate: 0.5 });
    await writeFile("artefact.json", ours);
    expect(await tidemark("models", "publish", "artefact.json")).toMatchObject({ code: 0 });
    expect(await tidemark("import", "f.csv", "--clock", "event")).toMatchObject({ code: 3 });
    const models = JSON.parse((await tidemark("models", "list", "--json")).stdout) as unknown[];
    expect(models).toHaveLength(2);
  });
});

it("tells who read the settings before another command changed them", async () => {
  await tidemark("import", "rejected.csv");
  await using thread = startLogThread();
  const opening = openData({
    directory: DIRECTORY,
    settings: parseSettings({}, {}),
    clock: systemClock(),
    logger: createLogger({ level: "silent", name: "test" }),
    clientId: "test",
    token: () => "token",
    ifMissing: { make: true, demo: null },
    logThread: {
      ...thread,
      async open(place, onProblem) {
        await tidemark("import", "f.csv", "--currency", "USD");
        return thread.open(place, onProblem);
      },
    },
  });
  await expect(opening).rejects.toThrow("just made by another command; try again");
  expect(await readdir(DIRECTORY)).toContain("log");
});
