import { readdir, readFile, writeFile } from "node:fs/promises";
import { getPriority } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEvents } from "../gateway/event-reader.ts";
import { openSandbox, type Sandbox, type Server } from "./sandbox.ts";
import { until } from "./until.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox[Symbol.asyncDispose]());

describe("start --demo", () => {
  const READY_MS_MAX = 20_000;
  const STOP_MS_MAX = 5_000;
  let server: Server;
  let startedAt: number;
  let atStop: SummaryBody;
  beforeAll(async () => {
    startedAt = performance.now();
    server = await sandbox.start(["--demo"]);
  });

  test("shows its page, is ready and scores customers within 20 s", { timeout: 60_000 }, async () => {
    const page = await fetch(server.url);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("<title>");
    await using events = await openEvents(`${server.url}/v1/streams/scores`);
    const first = await summaryOf(server);
    await until("it is ready", async () => ((await fetch(`${server.url}/readyz`)).status === 200 ? true : null));
    for (let seen = 0; seen < 3; seen += 1) {
      const { event, data } = await events.nextEvent();
      expect(event).toBe("score");
      expect(JSON.parse(data)).toMatchObject({ customerId: expect.any(String), version: expect.any(Number) });
    }
    await until("more customers are known, and more scores were made of them", async () => {
      const { customers, scoresEmitted } = await summaryOf(server);
      return customers > first.customers && scoresEmitted > first.scoresEmitted ? true : null;
    });
    expect(performance.now() - startedAt).toBeLessThan(READY_MS_MAX);
  });

  test.runIf(process.platform === "linux")(
    "has the thread that answers queries before its helpers, and those before the scoring",
    async () => {
      const threads = await nicenessOfThreads(server.child.pid ?? 0);
      const main = threads.get("main") ?? [];
      const [own = 0] = main;
      expect(main).toHaveLength(1);
      expect(threads.get("processor-0")).toEqual([own + 15]);
      expect(threads.get("V8Worker")?.length).toBeGreaterThan(0);
      expect(threads.get("libuv-worker")?.length).toBeGreaterThan(0);
      for (const helper of ["V8Worker", "libuv-worker"]) {
        expect(new Set(threads.get(helper))).toEqual(new Set([own + 10]));
      }
    },
  );

  test("is stopped quickly by SIGTERM, with exit code 0", async () => {
    atStop = await summaryOf(server);
    const beforeStop = performance.now();
    expect(await server.stop()).toMatchObject({ code: 0, stderr: "" });
    expect(performance.now() - beforeStop).toBeLessThan(STOP_MS_MAX);
  });

  test("goes on where it was, after a stop as after a kill", { timeout: 60_000 }, async () => {
    const stopped = await sandbox.start(["--demo"]);
    const before = await summaryOf(stopped);
    expect(before.customers).toBeGreaterThanOrEqual(atStop.customers);
    expect(before.at > atStop.at).toBe(true);
    stopped.child.kill("SIGKILL");
    await stopped.ended;

    const killed = await sandbox.start(["--demo"]);
    await until("as many are known as before, and it scores on", async () => {
      const { customers, scoresEmitted, at } = await summaryOf(killed);
      expect(customers).toBeGreaterThanOrEqual(before.customers);
      return scoresEmitted > before.scoresEmitted && at > before.at ? true : null;
    });
    expect(await killed.stop()).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("a data directory", () => {
  const DATA = ["--data-dir", "data"];
  const IMPORT = ["import", "purchases.csv", ...DATA, "--json"];
  const ROWS = ["customer,date,amount", "anna,2024-01-01,10.00", "anna,2024-02-01,20.50", "ben,2024-03-01,5", ""];
  let server: Server;
  beforeAll(async () => {
    await writeFile(join(sandbox.folder, "purchases.csv"), ROWS.join("\n"));
    // Turns far apart, so that whoever does not wait for the next one is found out.
    server = await sandbox.start([...DATA, "--turn-ms", "3000"]);
  });

  test("that is served is refused to a second server, with advice", async () => {
    const { code, stdout, stderr } = await sandbox.run(["start", "--port", "0", ...DATA]);
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toMatch(/in use/);
    expect(stderr).toMatch(/stop|--data-dir/);
  });

  test("that is served takes imports through its server, ended once they are scored, and tells what is in it", async () => {
    const visit = { type: "interaction", eventId: "visit-1", customerId: "anna", occurredAt: "2024-01-01T00:00:00Z" };
    const body = JSON.stringify({ events: [{ ...visit, kind: "VISIT" }] });
    await fetch(`${server.url}/v1/events`, { method: "POST", headers: { "content-type": "application/json" }, body });
    await until("a turn has begun", async () =>
      (await fetch(`${server.url}/v1/customers/anna`)).status === 200 ? true : null,
    );
    const imported = await sandbox.run(IMPORT);
    expect(imported.code).toBe(0);
    expect(imported.stderr).toContain(
      `importing through the server at ${server.url.replace("localhost", "127.0.0.1")}`,
    );
    expect(JSON.parse(imported.stdout)).toMatchObject({ rows: 3, accepted: 3, duplicate: 0, customers: 2 });
    const throughHttp = await fetch(`${server.url}/v1/customers/anna`);
    expect(await throughHttp.json()).toMatchObject({ profile: { purchases: 2, spendMinor: 3050 } });
    expect(await answers()).toEqual(ANSWERS);
  });

  test("tells the same once the server has stopped", async () => {
    expect(await server.stop()).toMatchObject({ code: 0, stderr: "" });
    expect(await answers()).toEqual(ANSWERS);
    expect(JSON.parse((await sandbox.run(IMPORT)).stdout)).toMatchObject({ rows: 3, accepted: 0, duplicate: 3 });
  });

  const ANSWERS = {
    score: { purchases: 2, spendMinor: 3050, currency: "EUR" },
    reasons: true,
    unknown: { code: 1, stdout: "" },
    profiles: [
      { customerId: "anna", x: 1, spendMinor: 3050, repeatSpendMinor: 2050 },
      { customerId: "ben", x: 0, spendMinor: 500, repeatSpendMinor: 0 },
    ],
    inspection: { purchases: 3, profiles: 2, clock: "wall" },
  };

  /** What `score`, `explain` and `inspect` say, whoever has the directory open. */
  async function answers(): Promise<unknown> {
    const score = JSON.parse(await said(["score", "anna", ...DATA, "--json"])) as { readonly profile: Profile };
    const explained = await said(["explain", "anna", ...DATA]);
    const unknown = await sandbox.run(["score", "nobody", ...DATA]);
    const profiles = (await said(["inspect", "--profiles", "--json", ...DATA])).trimEnd().split("\n");
    const inspection = JSON.parse(await said(["inspect", "--json", ...DATA])) as Inspection;
    const { purchases, spendMinor, currency } = score.profile;
    return {
      score: { purchases, spendMinor, currency },
      reasons: /Probability of no purchase in the next 90 days: \d+\.\d %, because\n {2}[+-]\d/.test(explained),
      unknown: { code: unknown.code, stdout: unknown.stdout },
      profiles: profiles
        .map((line) => JSON.parse(line) as Profile)
        .map(({ customerId, x, spendMinor: spend, repeatSpendMinor }) => {
          return { customerId, x, spendMinor: spend, repeatSpendMinor };
        })
        .toSorted((one, other) => (one.customerId < other.customerId ? -1 : 1)),
      inspection: {
        purchases: inspection.topics
          .find(({ name }) => name === "tidemark.purchases")
          ?.partitions.reduce((sum, { end }) => sum + end, 0),
        profiles: inspection.store.profiles,
        clock: inspection.clock.mode,
      },
    };
  }
});

interface Profile {
  readonly customerId: string;
  readonly x: number;
  readonly purchases: number;
  readonly spendMinor: number;
  readonly repeatSpendMinor: number;
  readonly currency: string;
}

interface Inspection {
  readonly topics: readonly { readonly name: string; readonly partitions: readonly { readonly end: number }[] }[];
  readonly store: { readonly profiles: number };
  readonly clock: { readonly mode: string };
}

test.each([
  ["a command that there is not", ["stop"]],
  ["a flag that there is not", ["start", "--prot", "0"]],
  ["a file left out", ["import"]],
  ["a date that is none", ["import", "purchases.csv", "--until", "1997-02-30"]],
  ["a file that is not there", ["import", "nowhere.csv", "--data-dir", "other"]],
])("wrong usage ends with exit code 2 and says what to do: %s", async (_, words) => {
  const { code, stdout, stderr } = await sandbox.run(words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^(error|tidemark): .{10}/u);
});

test.each([
  ["an address that others reach, without keys", ["--host", "0.0.0.0"], /API_KEYS.* needed/],
  ["a port that there is not", ["--port", "70000"], /--port must be a whole number from 0 to 65535/],
  ["a currency that there is not", ["--currency", "XQZ"], /--currency must be an ISO 4217 code/],
])("a configuration that cannot be used ends with exit code 3: %s", async (_, words, advice) => {
  const { code, stdout, stderr } = await sandbox.run(["start", "--data-dir", "never", ...words]);
  expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
  expect(stderr).toMatch(advice);
});

test("an address that others reach can be bound with keys, and answers only to them", async () => {
  const environment = { TIDEMARK_API_KEYS: "first-key,second-key" };
  const server = await sandbox.start(["--host", "0.0.0.0", "--data-dir", "keys"], { environment });
  const statusWith = async (headers: Record<string, string>): Promise<number> =>
    (await fetch(`${server.url}/v1/summary`, { headers })).status;
  expect(await statusWith({})).toBe(401);
  expect(await statusWith({ authorization: "Bearer third-key" })).toBe(401);
  await until("it answers with a key", async () =>
    (await statusWith({ authorization: "Bearer second-key" })) === 200 ? true : null,
  );
  expect(await server.stop()).toMatchObject({ code: 0 });
});

interface SummaryBody {
  readonly customers: number;
  readonly scoresEmitted: number;
  /** The demo's clock, ISO 8601. */
  readonly at: string;
}

async function summaryOf({ url }: Server): Promise<SummaryBody> {
  return until("the summary is there", async () => {
    const response = await fetch(`${url}/v1/summary`);
    const body = (await response.json()) as SummaryBody;
    return response.status === 200 ? body : null;
  });
}

async function said(words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await sandbox.run(words);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return stdout;
}

/** By the names that the threads of a process have; its first is called main. */
async function nicenessOfThreads(pid: number): Promise<ReadonlyMap<string, readonly number[]>> {
  const threads = new Map<string, number[]>();
  for (const id of await readdir(`/proc/${pid}/task`)) {
    const name = Number(id) === pid ? "main" : (await readFile(`/proc/${pid}/task/${id}/comm`, "utf8")).trim();
    threads.set(name, [...(threads.get(name) ?? []), getPriority(Number(id))]);
  }
  return threads;
}
