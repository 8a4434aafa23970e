import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedLog } from "@tidemark/log-embedded";
import { openLevelStore } from "@tidemark/store-level";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "@tidemark/clock";
import type { Inspection } from "./inspection.ts";
import { runInProcess as tidemark } from "./run-command.ts";

const main = join(import.meta.dirname, "main.ts");
const startedIn = process.cwd();
let cwd = "";
let servers: ChildProcess[] = [];

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "tidemark-cli-"));
  process.chdir(cwd);
});
afterEach(async () => {
  for (const server of servers) {
    if (server.exitCode !== null || server.signalCode !== null) continue;
    server.kill("SIGKILL");
    await once(server, "exit");
  }
  servers = [];
  process.chdir(startedIn);
  await rm(cwd, { recursive: true });
});

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function launch(words: readonly string[], environment: Record<string, string> = {}): ChildProcess {
  const { PATH, TMPDIR, NODE_COMPILE_CACHE } = process.env;
  const inherited = { PATH, HOME: cwd, TMPDIR, NODE_COMPILE_CACHE };
  return spawn(process.execPath, [main, ...words], { cwd, env: { ...inherited, ...environment } });
}

/** Really starts the program. */
async function spawned(words: readonly string[], environment: Record<string, string> = {}): Promise<Outcome> {
  const child = launch(words, environment);
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
      text[name] += chunk;
    });
  }
  child.stdin?.end();
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...text };
}

/** Starts a server and resolves with its URL once it says that it is there. */
async function serve(
  words: readonly string[],
  environment: Record<string, string> = {},
): Promise<[ChildProcess, string]> {
  const child = launch(["start", "--port", "0", ...words], environment);
  servers.push(child);
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    const url = /http:\/\/\S+/u.exec(text)?.[0];
    if (url !== undefined) {
      child.stdout?.resume();
      return [child, url];
    }
  }
  throw new Error(`the server did not start: ${text}`);
}

/** How many events so far had this outcome. */
async function eventsThat(url: string, outcome: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.match(new RegExp(`^tidemark_events_total\\{.*outcome="${outcome}"\\} \\d+`, "gmu")) ?? [];
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

async function stop(server: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  server.kill(signal);
  const [code] = (await once(server, "exit")) as [number | null];
  return code;
}

const rows = "customer,date,amount\na,2024-01-01,10\nb,2024-01-01,20.50\na,2024-01-08,5\nb,2024-01-02,-0.50\n";

async function profiles(words: readonly string[] = []): Promise<unknown[]> {
  const { stdout } = await tidemark(["inspect", "--profiles", "--json", ...words]);
  const lines = stdout.trimEnd().split("\n");
  return lines
    .map((line): unknown => JSON.parse(line))
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

describe("the command line", () => {
  it("teaches with --help, of itself and of each command", async () => {
    const commands = [
      "start",
      "import",
      "score",
      "explain",
      "inspect",
      "export",
      "models",
      "replay",
      "fit",
      "backtest",
      "simulate",
      "topics",
    ];
    const all = await spawned(["--help"]);
    expect([all.code, all.stderr]).toEqual([0, ""]);
    const help = new Map<string, string>();
    for (const name of commands) {
      expect(all.stdout).toContain(`  ${name} `);
      const one = await tidemark([name, "--help"]);
      expect([one.code, one.stderr]).toEqual([0, ""]);
      help.set(name, one.stdout);
    }
    const settings = ["--data-dir", "--port", "--kafka-brokers", "--churn-horizon-days"];
    expect(settings.filter((flag) => !help.get("start")?.includes(flag))).toEqual([]);
    const own = "customer-column time-column amount-column order-column currency time-format time-zone until source";
    const flags = `${own} data-dir url rejects clock json`.split(" ");
    expect(flags.filter((flag) => !help.get("import")?.includes(`--${flag}`))).toEqual([]);
    expect(help.get("import")).not.toContain("--kafka-brokers");
  });

  it.each([[["bogus"]], [["import", "no-such-file.csv"]], [["simulate", "--customers", "-1"]]])(
    "ends with exit code 2 at the shell: %j",
    async (words) => {
      expect(await spawned(words)).toMatchObject({ code: 2, stdout: "" });
    },
  );

  it.each([
    [[]],
    [["import"]],
    [["import", "."]],
    [["import", "f.csv", "--until", "soon"]],
    [["import", "f.csv", "--until", "9999-01-01"]],
    [["import", "f.csv", "--time-format", "HH:mm"]],
    [["import", "f.csv", "--amount-column", "price"]],
    [["score"]],
    [["simulate", "--late", "2"]],
    [["simulate", "--out", "no/such/directory/file"]],
    [["start", "--bogus"]],
  ])("refuses wrong usage with exit code 2: %j", async (words) => {
    await writeFile(join(cwd, "f.csv"), rows);
    const { code, stdout, stderr } = await tidemark(words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).not.toBe("");
    expect(stderr).not.toContain("    at ");
  });

  it("tells all that is wrong with the configuration at once, with exit code 3", async () => {
    const bad = { TIDEMARK_TIME_ZONE: "Mars/Olympus", TIDEMARK_HOST: "0.0.0.0" };
    const { code, stderr } = await spawned(["start", "--port", "http", "--clock", "sundial"], bad);
    expect(code).toBe(3);
    for (const name of ["--port", "--clock", "TIDEMARK_TIME_ZONE", "TIDEMARK_API_KEYS"]) expect(stderr).toContain(name);
    const kafka = { KAFKA_BROKERS: "127.0.0.1:1", SCHEMA_REGISTRY_URL: "http://localhost:8081" };
    const unreachable = await spawned(["start"], kafka);
    expect([unreachable.code, unreachable.stderr]).toEqual([5, expect.stringMatching(/127\.0\.0\.1:1.*KAFKA_BROKERS/)]);
    expect(await tidemark(["inspect"])).toMatchObject({ code: 3 });
    expect(await readdir(cwd)).toEqual([]);
  });

  it("says with exit code 5 that nobody answers", async () => {
    await writeFile(join(cwd, "f.csv"), rows);
    const closed = createServer();
    closed.listen(0, "127.0.0.1");
    await once(closed, "listening");
    const address = closed.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    closed.close();
    expect(await tidemark(["import", "f.csv", "--url", `http://127.0.0.1:${port}`])).toMatchObject({ code: 5 });
    expect(await tidemark(["score", "a", "--url", `http://127.0.0.1:${port}`])).toMatchObject({ code: 5 });
  });
});

describe("import", () => {
  it("scores a file in the time of its rows, and changes nothing the second time", async () => {
    await writeFile(join(cwd, "f.csv"), rows);
    const words = ["import", "f.csv", "--clock", "event", "--until", "2024-01-07", "--json"];
    const first = await tidemark(words);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.stdout)).toEqual({
      rows: 4,
      accepted: 3,
      duplicate: 0,
      afterUntil: 1,
      rejected: 0,
      customers: 2,
      firstAt: "2024-01-01T12:00:00.000Z",
      lastAt: "2024-01-02T12:00:00.000Z",
      seconds: expect.any(Number) as number,
    });
    expect(first.stderr).toContain("default parameters");
    const expected = [
      { customerId: "a", x: 0, txWeeks: 0, tWeeks: 6 / 7, spendMinor: 1000 },
      { customerId: "b", x: 0, txWeeks: 0, tWeeks: 6 / 7, spendMinor: 2000 },
    ];
    expect(await profiles()).toMatchObject(expected);

    expect(JSON.parse((await tidemark(words)).stdout)).toMatchObject({ accepted: 0, duplicate: 3, afterUntil: 1 });
    expect(await profiles()).toMatchObject(expected);

    // The whole file goes on from there.
    const whole = await tidemark(["import", "-", "--json"], {}, rows);
    expect(JSON.parse(whole.stdout)).toMatchObject({ accepted: 1, duplicate: 3, afterUntil: 0 });
    expect(await profiles()).toMatchObject([
      { customerId: "a", x: 1, txWeeks: 1, tWeeks: 1, spendMinor: 1500 },
      { customerId: "b", x: 0, txWeeks: 0, tWeeks: 1, spendMinor: 2000 },
    ]);
    const score = await tidemark(["score", "a", "--json"]);
    expect(JSON.parse(score.stdout)).toMatchObject({
      customerId: "a",
      profile: { x: 1, spendMinor: 1500, currency: "EUR" },
    });
    const words2 = await tidemark(["explain", "a"]);
    expect(words2.stdout).toMatch(
      /As of 2024-01-08T23:59:59\.999Z[\s\S]*Probability of no purchase in the next 90 days/u,
    );
    const nobody = await tidemark(["score", "nobody"]);
    expect(nobody).toMatchObject({ code: 1, stdout: "" });
    expect(nobody.stderr).toContain("no such customer");
    expect(JSON.parse((await tidemark(["inspect", "--json"])).stdout)).toMatchObject({
      store: { profiles: 2 },
      clock: { mode: "event", tick: "2024-01-08T23:59:59.999Z" },
      model: { name: "default", fitted: false },
    });
    expect((await readdir(join(cwd, ".tidemark/data"))).filter((name) => name.startsWith("import-"))).toEqual([]);
  });

  it("ends with exit code 1 where rows were rejected, and lists them", async () => {
    await writeFile(join(cwd, "f.csv"), `${rows}c,2024-02-30,1\n`);
    const { code, stdout, stderr } = await tidemark(["import", "f.csv", "--json"]);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 5, accepted: 4, rejected: 1 });
    expect(stderr).toContain("f.csv.rejects.csv");
    expect(await readFile(join(cwd, "f.csv.rejects.csv"), "utf8")).toContain("\n6,TIME_NOT_UNDERSTOOD,");
  });

  it.each(["wall", "event"])("goes through the server that has the directory open (%s)", async (clock) => {
    await writeFile(join(cwd, "f.csv"), rows);
    const [server, url] = await serve(["--clock", clock], { TIDEMARK_API_KEYS: "sesame" });
    const key = { TIDEMARK_API_KEYS: "sesame" };
    expect(await tidemark(["import", "f.csv"])).toMatchObject({ code: 3 });
    const first = await tidemark(["import", "f.csv", "--json", "--until", "2024-01-02"], key);
    expect(JSON.parse(first.stdout)).toMatchObject({ rows: 4, accepted: 3, duplicate: 0, afterUntil: 1, customers: 2 });
    // In the order of the file the whole is another import, and the scoring tells its rows by their ids.
    const whole = await tidemark(["import", "f.csv", "--json"], key);
    const done = clock === "event" ? { accepted: 1, duplicate: 3 } : { accepted: 4, duplicate: 0 };
    expect(JSON.parse(whole.stdout)).toMatchObject({ rows: 4, ...done, customers: 2 });
    // It waited until the server had scored them.
    const there = await profiles();
    expect(there).toMatchObject([
      { customerId: "a", x: 1, spendMinor: 1500 },
      { customerId: "b", x: 0, spendMinor: 2000 },
    ]);
    const again = await tidemark(["import", "f.csv", "--json", "--url", url, "--clock", clock], key);
    expect(JSON.parse(again.stdout)).toMatchObject({ accepted: 0, duplicate: 4 });
    expect(JSON.parse((await tidemark(["score", "a", "--json"], key)).stdout)).toMatchObject({ profile: { x: 1 } });

    expect(await stop(server, "SIGTERM")).toBe(0);
    expect(await readdir(join(cwd, ".tidemark/data"))).not.toContain("server.json");
    // The directory is free now, and the same.
    expect(await profiles()).toEqual(there);
    expect(JSON.parse((await tidemark(["import", "f.csv", "--json"])).stdout)).toMatchObject({ duplicate: 4 });
  });
});

describe("start", () => {
  it("refuses a directory that is in use (4), a port that is in use (3) and a choice that was made before (3)", async () => {
    const [server, url] = await serve([]);
    expect(await tidemark(["start", "--port", "0"])).toMatchObject({ code: 4, stdout: "" });
    const taken = await tidemark(["start", "--data-dir", "other", "--port", new URL(url).port]);
    expect(taken.code).toBe(3);
    expect(taken.stderr).toContain("is in use");
    expect(await readdir(cwd)).not.toContain("other");
    expect(await stop(server, "SIGINT")).toBe(0);
    expect(await tidemark(["import", "-"], {}, rows)).toMatchObject({ code: 0 });
    expect(await tidemark(["start", "--port", "0", "--currency", "USD"])).toMatchObject({ code: 3 });
    expect(await tidemark(["start", "--port", "0", "--demo", "--data-dir", ".tidemark/data"])).toMatchObject({
      code: 3,
    });
  });

  it("loads nothing of Kafka's where no cluster is named, in no thread", async () => {
    const refuse = `import { registerHooks } from "node:module";
      registerHooks({ load(url, context, next) {
        if (/kafkajs|log-kafka/.test(url)) throw new Error("loaded: " + url);
        return next(url, context);
      } });`;
    const source = Buffer.from(refuse).toString("base64");
    const environment = { NODE_OPTIONS: `--import=data:text/javascript;base64,${source}` };
    // It says where it is when all of its threads have started.
    const [server] = await serve([], environment);
    expect(await stop(server, "SIGTERM")).toBe(0);
  });

  it("is told from another command that has the directory open", async () => {
    await tidemark(["import", "-"], {}, rows);
    const log = await openEmbeddedLog({ directory: ".tidemark/data/log", clock: systemClock() });
    const { code, stderr } = await tidemark(["inspect"]);
    await log.close();
    expect(code).toBe(4);
    expect(stderr).toContain("another command");
  });

  it("goes on after kill -9 with everything that was acknowledged", async () => {
    const [server, url] = await serve([]);
    const purchase = { type: "purchase", customerId: "a", kind: "PURCHASE", amountMinor: 100, currency: "EUR" };
    const events = [1, 2, 3].map((day) => ({
      ...purchase,
      eventId: `e${day}`,
      occurredAt: `2024-01-0${day}T00:00:00Z`,
    }));
    const answer = await fetch(`${url}/v1/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ events }),
    });
    expect(answer.status).toBe(202);
    await stop(server, "SIGKILL");
    expect(JSON.parse((await tidemark(["score", "a", "--json"])).stdout)).toMatchObject({
      profile: { x: 2, spendMinor: 300 },
    });
  });

  it("leaves nothing of the changelog unread when it is stopped, though it was at work", async () => {
    const [server, url] = await serve([]);
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 30_000 }).toBe(200);
    const purchase = { type: "purchase", kind: "PURCHASE", amountMinor: 100, currency: "EUR" };
    const events = Array.from({ length: 1_000 }, (_, n) => ({
      ...purchase,
      customerId: `c${n}`,
      eventId: `e${n}`,
      occurredAt: "2024-01-01T00:00:00Z",
    }));
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${url}/v1/events`, { method: "POST", headers, body: JSON.stringify({ events }) });
    expect(answer.status).toBe(202);
    expect(await stop(server, "SIGTERM")).toBe(0);
    const log = await openEmbeddedLog({ directory: ".tidemark/data/log", clock: systemClock() });
    for (let partition = 0; partition < 4; partition++) {
      const { end } = await log.offsets("tidemark.processor-state", partition);
      for (const copy of ["stores", "views"]) {
        const store = await openLevelStore({ directory: join(".tidemark/data", copy, String(partition)) });
        // The checkpoint, behind a checksum.
        const { offset } = JSON.parse(Buffer.from(store.get("m") ?? []).toString("utf8", 4)) as { offset: number };
        await store.close();
        expect([copy, offset]).toEqual([copy, end]);
      }
    }
    await log.close();
  });

  it("shows a shop at once when typed as npm start, and finds it again", async () => {
    const environment = { npm_lifecycle_event: "start", npm_package_name: "tidemark" };
    const [server, url] = await serve([], environment);
    const customers = async (at: string): Promise<number> => {
      const body = (await (await fetch(`${at}/v1/summary`)).json()) as { customers?: number };
      return body.customers ?? 0;
    };
    await expect.poll(async () => customers(url), { timeout: 30_000 }).toBeGreaterThan(10);
    expect(await stop(server, "SIGTERM")).toBe(0);
    const before = await demoState();
    // Everything that was sent was counted.
    expect(before.delivered).toBe(before.events);
    const [again, url2] = await serve([], environment);
    await expect.poll(async () => customers(url2), { timeout: 30_000 }).toBeGreaterThanOrEqual(before.customers);
    const threads = (await (await fetch(`${url2}/metrics`)).text()).matchAll(
      /^tidemark_thread_busy_ratio\{thread="(\w+)/gmu,
    );
    expect([...threads].map(([, thread]) => thread)).toEqual(["main", "log", "processor"]);
    // The shop goes on and does not begin again.
    await expect.poll(() => eventsThat(url2, "applied"), { timeout: 30_000 }).toBeGreaterThan(500);
    expect(await eventsThat(url2, "duplicate")).toBeLessThan(50);
    expect(await stop(again, "SIGTERM")).toBe(0);
    const after = await demoState();
    expect(after.delivered).toBe(after.events);
    expect(after.events).toBeGreaterThanOrEqual(before.events);
    expect(after.now).toBeGreaterThan(before.now);
  });

  /** How many events the shop says it sent, how many are in the log, and the rest. */
  async function demoState(): Promise<{ delivered: number; events: number; customers: number; now: number }> {
    const { stdout } = await tidemark(["inspect", "--json", "--data-dir", ".tidemark/demo"]);
    const { topics, clock, store } = JSON.parse(stdout) as Inspection;
    const inputs = new Set(["purchases", "interactions", "complaints", "customers"].map((name) => `tidemark.${name}`));
    const ends = topics.flatMap(({ name, partitions }) => (inputs.has(name) ? partitions.map(({ end }) => end) : []));
    return {
      delivered: Number(await readFile(join(cwd, ".tidemark/demo/shop.json"), "utf8")),
      events: ends.reduce((sum, end) => sum + end, 0),
      customers: store.profiles,
      now: Date.parse(clock.now),
    };
  }
});

describe("simulate", () => {
  it("writes the same bytes for the same seed", async () => {
    const words = [
      "simulate",
      "--customers",
      "50",
      "--days",
      "20",
      "--seed",
      "7",
      "--late",
      "0.01",
      "--duplicates",
      "0.01",
    ];
    const [toFile, toPipe] = await Promise.all([
      tidemark([...words, "--out", "shop.ndjson"]),
      tidemark([...words, "--out", "-"]),
    ]);
    expect([toFile.code, toPipe.code]).toEqual([0, 0]);
    expect(await readFile(join(cwd, "shop.ndjson"), "utf8")).toBe(toPipe.stdout);
    expect(createHash("sha256").update(toPipe.stdout).digest("hex")).toBe(
      "6452fe92e3e12c83952f59852ee0712b7b12f38fb199914231fce55c14d66e87",
    );
  });

  it("sends to a server in scaled time, in the currency in which that counts", async () => {
    const [, url] = await serve(["--currency", "USD"]);
    const words = ["simulate", "--customers", "500", "--days", "1", "--hours-per-second", "24", "--url", url, "--json"];
    const other = await tidemark([...words, "--currency", "EUR"]);
    expect(other.code).toBe(3);
    expect(other.stderr).toMatch(/has other settings:\n.*TIDEMARK_CURRENCY \(--currency\) is USD there/);
    const { code, stdout } = await tidemark(words);
    expect(code).toBe(0);
    const { events } = JSON.parse(stdout) as { events: number };
    expect(events).toBeGreaterThan(1);
    await expect.poll(() => eventsThat(url, "applied"), { timeout: 30_000 }).toBe(events);
  });
});
